
// Files, and what the controls do

// By its byte order mark.
const encodingOf = (bytes) => ({ "255,254": "utf-16le", "254,255": "utf-16be" })[bytes.slice(0, 2)] ?? "utf-8";

function decode(bytes, options) {
  try { return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes, options); } catch {
    throw new Failure("The file is not UTF-8 text. Save it as UTF-8 and try again.");
  }
}
async function openText(file) {
  checkSize("text", file.size);
  $("text").value = decode(new Uint8Array(await file.arrayBuffer()));
  await classifyText();
}
async function openFile(file) {
  complain();
  try {
    if (!model) throw new Failure("There is no model to send the file to.");
    const isImage = file.type.startsWith("image/");
    if (model.inputs === "images") {
      await openImage(file);
      await classifyDrawing();
    } else if (isImage) throw new Failure("This model classifies texts. Choose a text or CSV file.");
    else if (/\.(csv|tsv)$/i.test(file.name) || file.type === "text/csv") return await openTable(file);
    else await openText(file);
  } catch (error) { fail(error); }
  return null;
}
async function classifyText() {
  const text = $("text").value;
  try {
    if (!text.trim()) throw new Failure("The text is empty. Type or paste a text first.");
    checkSize("text", new Blob([text]).size);
    await predict(text);
  } catch (error) { fail(error); }
}
async function classifyDrawing() {
  try { await predict(await pixels()); } catch (error) { fail(error); }
}
function onSubmit(id, action) {
  $(id).addEventListener("submit", (event) => {
    event.preventDefault();
    alone(action);
  });
}
onSubmit("text-form", classifyText);
onSubmit("image-form", classifyDrawing);
onSubmit("table-form", runTable);
$("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) $("text-form").requestSubmit();
});
$("model").addEventListener("change", () => { complain(); choose(); });
$("reload").addEventListener("click", () => alone(loadModels));
$("clear").addEventListener("click", () => { complain(); clearPaper(); });
$("all").addEventListener("click", () => { showsAll = !showsAll; showBars(); });
$("stop").addEventListener("click", () => { stopping = true; });
$("close").addEventListener("click", () => { show("table-form", false); $("text").focus(); });
$("file").addEventListener("change", () => {
  const [file] = $("file").files;
  if (file) alone(() => openFile(file));
  $("file").value = "";
});
for (const button of document.querySelectorAll(".open")) button.addEventListener("click", () => $("file").click());
for (const button of document.querySelectorAll(".copy")) {
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText($(button.dataset.of).textContent);
      button.textContent = "Copied";
    } catch { button.textContent = "Select it"; }
    announce(button.textContent);
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    if (name !== "dragleave" && !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.toggle("dropping", name === "dragover" && !isBusy);
    if (name === "dragover" && isBusy) event.dataTransfer.dropEffect = "none";
    const file = name === "drop" && event.dataTransfer.files[0];
    if (file) alone(() => openFile(file));
  });
}
clearPaper();
alone(loadModels);
