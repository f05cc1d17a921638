// Words and numbers in the reader's language.
const DATA = JSON.parse(document.getElementById("data").textContent);
const state = { language: DATA.language, run: 0, components: false };

const phrase = (key, values = {}) => {
  const text = DATA.phrases[state.language][key] ?? key.slice(key.indexOf(".") + 1).replaceAll("_", " ");
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
};

// The reader's own variety of the language (en-GB, zh-SG), where the browser names one.
const locale = () => navigator.languages.find((one) => one.split("-")[0] === state.language) ?? { zh: "zh-CN" }[state.language] ?? "en";
const number = (value, digits = 0) =>
  new Intl.NumberFormat(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
const money = (value, currency, digits) =>
  new Intl.NumberFormat(locale(), {
    style: "currency", currency,
    minimumFractionDigits: digits ?? (Math.abs(value) < 1000 ? 2 : 0),
    maximumFractionDigits: digits ?? (Math.abs(value) < 1000 ? 2 : 0),
  }).format(value);
const percent = (value, digits = 1) =>
  new Intl.NumberFormat(locale(), { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits })
    .format(value / 100);
const together = (words) => new Intl.ListFormat(locale(), { type: "conjunction" }).format(words);

// Every text that starts with "t:" is the key of a phrase, wherever it stands.
const translated = (value) => {
  if (Array.isArray(value)) return value.map(translated);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, translated(item)]));
  }
  return typeof value === "string" && value.startsWith("t:") ? phrase(value.slice(2)) : value;
};

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
