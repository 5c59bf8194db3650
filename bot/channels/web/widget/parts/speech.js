// Reading aloud with the voices of the device; one text at a time.

const LONGEST = 180; // characters: some browsers fall silent in what takes longer than a quarter of a minute

/** @type {(() => void) | null} */
let reading = null;

/** A voice of the device itself for a language: others send the text to their maker.
 * @param {string} language */
export function voiceFor(language) {
  const voices = typeof speechSynthesis === "undefined" ? [] : speechSynthesis.getVoices();
  const spoken = voices.filter((voice) => voice.lang.toLowerCase().split(/[-_]/)[0] === language && voice.localService !== false);
  return spoken.find((voice) => voice.default) || spoken[0] || null;
}

/** Sentences, the long ones in pieces.
 * @param {string} text @param {string} language @returns {string[]} */
export function sentences(text, language) {
  const clean = text.replace(/[\u2066-\u2069]/g, "");
  const { Segmenter } = Intl;
  const found = Segmenter
    ? Array.from(new Segmenter(language, { granularity: "sentence" }).segment(clean), (part) => part.segment)
    : clean.split(/(?<=[.!?\u061f\u06d4\u1362])\s+/);
  const short = found.flatMap((sentence) => sentence.match(new RegExp(`.{1,${LONGEST}}(?=\\s|$)|\\S{1,${LONGEST}}`, "gsu")) || []);
  return short.map((piece) => piece.trim()).filter((piece) => /[\p{L}\p{N}]/u.test(piece));
}

/** Reads until it is done, stopped, the page is left or `beside` is gone from it.
 * @param {string[]} pieces @param {string} language @param {HTMLElement} beside @param {() => void} finished */
export function read(pieces, language, beside, finished) {
  stopReading();
  const voice = voiceFor(language);
  /** @type {SpeechSynthesisUtterance[]} */
  let held = []; // browsers forget one that nobody holds, and its end with it
  // Who deletes the conversation or leaves quickly must not be read on to the room.
  const watch = new MutationObserver(() => { if (!beside.isConnected) stop(); });
  const hidden = () => { if (document.visibilityState === "hidden") stop(); };
  const stop = () => {
    if (reading !== stop) return;
    reading = null;
    held = [];
    watch.disconnect();
    document.removeEventListener("visibilitychange", hidden);
    removeEventListener("pagehide", stop);
    speechSynthesis.cancel();
    finished();
  };
  reading = stop;
  for (let root = beside.getRootNode(); ; root = root.host.getRootNode()) {
    watch.observe(root, { childList: true, subtree: true });
    if (!(root instanceof ShadowRoot)) break;
  }
  document.addEventListener("visibilitychange", hidden);
  addEventListener("pagehide", stop);
  held = pieces.map((piece) => {
    const utterance = new SpeechSynthesisUtterance(piece);
    utterance.voice = voice;
    utterance.lang = voice?.lang.replace("_", "-") || language;
    utterance.addEventListener("error", stop);
    return utterance;
  });
  held[held.length - 1]?.addEventListener("end", stop);
  for (const utterance of held) speechSynthesis.speak(utterance);
  if (!held.length) stop();
}

/** Silence. */
export function stopReading() {
  reading?.();
}
