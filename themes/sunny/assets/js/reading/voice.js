/** The voices that read Chinese on this device. @param {SpeechSynthesisVoice} v */
const local = (v) => v.localService && /^(zh|cmn)(?!.*HK)/i.test(v.lang); // one from the network would get to know what is read

/**
 * Tells of the voice of this device that reads Chinese, now and when voices come later.
 * @param {(voice: SpeechSynthesisVoice | undefined) => void} found
 */
export function deviceVoice(found) {
  const synth = window.speechSynthesis;
  if (!synth) return;
  const look = () => found(synth.getVoices().find(local));
  look();
  synth.onvoiceschanged = look;
}

/** Says a text; done() when it has ended. @param {SpeechSynthesisVoice} voice @param {string} text @param {() => void} done */
export function utter(voice, text, done) {
  const words = new SpeechSynthesisUtterance(digits(text));
  words.voice = voice;
  words.lang = voice.lang;
  words.rate = 0.9;
  words.onend = words.onerror = done;
  window.speechSynthesis.speak(words);
  return words;
}

/** A number is a telephone number or a year: digit by digit. @param {string} text */
const digits = (text) => text.replace(/\d{3,}/g, (n) => n.split("").join(" "));
