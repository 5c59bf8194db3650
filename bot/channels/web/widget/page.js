// The page around the widget: hands over what its address asks for, and speaks the widget's language.

// Name in the address (posters print the short one) and attribute of the widget.
const WISHES = { lang: "lang", place: "place", topic: "topic", colour: "colour", campaign: "campaign", c: "campaign" };
const chat = document.querySelector("wegweiser-chat");
const asked = new URLSearchParams(location.search);
for (const [name, attribute] of Object.entries(WISHES)) {
  const value = asked.get(name);
  if (chat && value && /^[#\w-]{1,64}$/.test(value)) chat.setAttribute(attribute, value);
}
// Nothing of it stays in the address bar or the history, where others could read what was asked about.
if (location.search) history.replaceState(null, "", location.pathname);

document.addEventListener("wegweiser-language", (event) => {
  const { language, dir, strings } = /** @type {CustomEvent} */ (event).detail;
  document.documentElement.lang = language;
  document.documentElement.dir = dir;
  for (const element of document.querySelectorAll("[data-string]")) {
    const text = strings[/** @type {HTMLElement} */ (element).dataset.string || ""];
    if (text) element.textContent = text;
  }
  for (const element of document.querySelectorAll("a[data-page]")) {
    const link = /** @type {HTMLAnchorElement} */ (element);
    link.search = "?lang=" + language;
  }
  if (strings.page_title) document.title = strings.page_title;
});
