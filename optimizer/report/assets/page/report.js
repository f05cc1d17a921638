// The page: manifest; what the buttons do; the order in which parts are drawn.
function drawManifest({ manifest, headline }) {
  const facts = {
    scenario: manifest.scenario, edits: manifest.edits.join("; ") || "–", members: manifest.members.join(", "),
    status: phrase(`status.${headline.status}`), basis: headline.proof, created: manifest.machine.created,
    seconds: Object.entries(manifest.result.seconds).map(([step, time]) => `${step} ${number(time, 1)} s`).join(" · "),
    machine: `${manifest.machine.system}, ${manifest.machine.cores} × ${manifest.machine.processor}`,
    versions: Object.entries(manifest.versions).map(([name, version]) => `${name} ${version}`).join(", "),
    settings: JSON.stringify(manifest.settings),
  };
  const entries = Object.entries(facts).flatMap(([key, text]) =>
    [element("dt", { textContent: phrase(`manifest.${key}`) }), element("dd", { textContent: text })]);
  const hashes = element("details", {}, element("summary", { textContent: phrase("manifest.inputs_n", { n: Object.keys(manifest.inputs).length }) }));
  for (const [name, hash] of Object.entries(manifest.inputs)) hashes.append(element("div", {}, `${name} `, element("code", { textContent: hash })));
  document.getElementById("manifest").replaceChildren(...entries,
    element("dt", { textContent: phrase("manifest.inputs") }), element("dd", {}, hashes));
}

function drawWords() {
  document.documentElement.lang = locale();
  for (const place of document.querySelectorAll("[data-t]")) place.textContent = phrase(place.dataset.t);
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", phrase(place.dataset.label));
  for (const button of document.querySelectorAll("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset.language === state.language));
  }
}

async function draw() {
  const run = DATA.runs[state.run];
  delete document.body.dataset.ready;
  drawWords();
  document.getElementById("scenario").textContent = DATA.runs.length > 1 ? run.name : run.scenario;
  drawLead(run);
  drawManifest(run);
  drawMap(run);
  drawTables(run);
  drawComparison(DATA.comparison);
  drawAlliance(DATA.alliance, run.currency);
  await drawCharts(run);
  document.body.dataset.ready = state.language;
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => { state.language = button.dataset.language; draw(); });
}
document.getElementById("print").addEventListener("click", () => window.print());
document.getElementById("components").addEventListener("change", (event) => {
  state.components = event.target.checked;
  drawTables(DATA.runs[state.run]);
});
const choice = document.getElementById("run");
choice.append(...DATA.runs.map((run, position) => element("option", { value: position, textContent: run.name })));
document.getElementById("run-choice").hidden = DATA.runs.length < 2;
choice.addEventListener("change", () => { state.run = Number(choice.value); draw(); });
draw();
