
// Drawings: dark ink on white paper

const canvas = $("canvas"), paper = canvas.getContext("2d", { willReadFrequently: true });
let exact = null; // the pixels of a dropped image
let pen = { x: 140, y: 140, down: false };
let pointer = null; // the id of what draws; meanwhile, a second finger or a palm does not

function clearPaper() {
  exact = null;
  Object.assign(paper, { fillStyle: "#fff", strokeStyle: "#000", lineWidth: 20, lineCap: "round" });
  paper.fillRect(0, 0, canvas.width, canvas.height);
}
function line(from, to) {
  exact = null;
  paper.beginPath();
  paper.moveTo(from.x, from.y);
  paper.lineTo(to.x, to.y);
  paper.stroke();
}
function showPen() {
  $("pen").classList.toggle("down", pen.down);
  Object.assign($("pen").style, { left: `${pen.x / 2.8}%`, top: `${pen.y / 2.8}%` });
}
function place(event) {
  const frame = canvas.getBoundingClientRect(), scale = canvas.width / frame.width;
  return { x: (event.clientX - frame.left) * scale, y: (event.clientY - frame.top) * scale };
}
canvas.addEventListener("pointerdown", (event) => {
  if (pointer !== null || event.button) return;
  pointer = event.pointerId;
  canvas.setPointerCapture(pointer);
  pen = { ...place(event), down: true };
  line(pen, pen);
});
canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== pointer) return;
  const next = place(event);
  line(pen, next);
  Object.assign(pen, next);
});
canvas.addEventListener("lostpointercapture", () => {
  pen.down = false;
  pointer = null;
});
canvas.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: [-10, 0], ArrowRight: [10, 0], ArrowUp: [0, -10], ArrowDown: [0, 10] };
  if (event.key === " ") {
    pen.down = !pen.down;
    announce(pen.down ? "The pen is down" : "The pen is up");
  } else if (event.key in steps) {
    const [x, y] = steps[event.key], inside = (at) => Math.min(270, Math.max(10, at));
    const next = { x: inside(pen.x + x), y: inside(pen.y + y) };
    if (pen.down) line(pen, next);
    Object.assign(pen, next);
  } else return;
  showPen();
  event.preventDefault();
});

// The server makes the pixels of an image as `invoke` does: for a model of own images gray ones of
// any shape, and otherwise those of a drawing, whose ink fills `model.fit` of 28 pixels.
const pixelsOf = (image) => call(model.own ? "pixels" : `pixels?fit=${model.fit}`,
  { method: "POST", body: image });

async function pixels() {
  if (exact) return exact;
  const colors = paper.getImageData(0, 0, canvas.width, canvas.height).data;
  if (colors.every((value) => value > 214)) throw new Failure("The drawing is blank. Draw something first.");
  return pixelsOf(await new Promise((done) => { canvas.toBlob(done); }));
}

async function openImage(file) {
  checkSize("image", file.size, MOST_IMAGE);
  clearPaper();
  const found = await pixelsOf(file);
  if (!model.own && !found.flat().some(Boolean)) throw new Failure("The image is blank. Choose another one.");
  const small = new OffscreenCanvas(SIDE, SIDE).getContext("2d"), shown = small.createImageData(SIDE, SIDE);
  found.flat().forEach((value, at) => {
    const gray = model.own ? value : 255 - value;
    shown.data.set([gray, gray, gray, 255], 4 * at);
  });
  small.putImageData(shown, 0, 0);
  paper.imageSmoothingEnabled = false;
  paper.drawImage(small.canvas, 0, 0, canvas.width, canvas.height);
  exact = found;
}
