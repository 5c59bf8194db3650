"""Posters, tear-off strips and wallet cards with QR codes, as HTML and as PDF.

studio = Studio.load(settings, catalogue)
order = studio.order(site="aufnahmeeinrichtung-schneeberg", languages=("ar", "de"), format="a4")
studio.pdf(order); studio.html(order)
"""
