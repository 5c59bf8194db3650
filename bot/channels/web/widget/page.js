// The page speaks the widget's language: its sentences come with the widget's own strings.
document.addEventListener("wegweiser-language", (event) => {
  const { language, dir, strings } = event.detail;
  document.documentElement.lang = language;
  document.documentElement.dir = dir;
  for (const element of document.querySelectorAll("[data-string]")) {
    const text = strings[element.dataset.string];
    if (text) element.textContent = text;
  }
  if (strings.page_title) document.title = strings.page_title;
});
