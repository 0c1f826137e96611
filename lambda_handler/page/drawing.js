
// Drawings: dark ink on white paper, sent as 28 x 28 numbers from 0 (paper) to 255 (ink)

const canvas = $("canvas"), paper = canvas.getContext("2d", { willReadFrequently: true });
let exact = null; // the pixels of a dropped image, if they need no scaling or have been scaled
let pen = { x: 140, y: 140, down: false };

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
  canvas.setPointerCapture(event.pointerId);
  pen = { ...place(event), down: true };
  line(pen, pen);
});
canvas.addEventListener("pointermove", (event) => {
  if (!canvas.hasPointerCapture(event.pointerId)) return;
  const next = place(event);
  line(pen, next);
  Object.assign(pen, next);
});
canvas.addEventListener("lostpointercapture", () => { pen.down = false; });
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

function inkOf(source, wide, high = wide, x = 0, y = 0) {
  const pixels = source.getImageData(x, y, wide, high).data;
  return Array.from({ length: wide * high }, (_, at) =>
    255 - Math.round(0.299 * pixels[4 * at] + 0.587 * pixels[4 * at + 1] + 0.114 * pixels[4 * at + 2]));
}
const rowsOf = (ink) => Array.from({ length: SIDE }, (_, row) => ink.slice(row * SIDE, row * SIDE + SIDE));

// A model of own images is trained on them as they are: gray, and 28 x 28 pixels of any shape.
const ownPixels = (image) => call("pixels", { method: "POST", body: image });

// Return the canvas as an image of the model: its ink fills `model.fit` of 28 pixels, as in MNIST
// (20, with the center of mass in the middle) or QuickDraw (26, with the frame in the middle).
async function pixels() {
  if (exact) return rowsOf(exact);
  const size = canvas.width, ink = inkOf(paper, size), inked = [];
  ink.forEach((value, at) => { if (value > 40) inked.push(at); });
  if (!inked.length) throw new Failure("The drawing is blank. Draw something first.");
  if (model.own) return ownPixels(await new Promise((done) => { canvas.toBlob(done); }));
  const columns = inked.map((at) => at % size), rows = inked.map((at) => Math.floor(at / size));
  const least = (values) => values.reduce((a, b) => Math.min(a, b)), most = (values) => values.reduce((a, b) => Math.max(a, b));
  const [left, right, top, bottom] = [least(columns), most(columns) + 1, least(rows), most(rows) + 1];
  const scale = model.fit / Math.max(right - left, bottom - top);
  const mean = (values) => values.reduce((a, b) => a + b) / values.length;
  const [x, y] = model.fit < 24 ? [mean(columns) + 0.5, mean(rows) + 0.5] : [(left + right) / 2, (top + bottom) / 2];
  const small = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: true });
  Object.assign(small, { fillStyle: "#fff", imageSmoothingQuality: "high" });
  small.fillRect(0, 0, SIDE, SIDE);
  small.drawImage(canvas, left, top, right - left, bottom - top, SIDE / 2 - (x - left) * scale,
    SIDE / 2 - (y - top) * scale, (right - left) * scale, (bottom - top) * scale);
  return rowsOf(inkOf(small, SIDE));
}

async function openImage(file) {
  let image;
  try { image = await createImageBitmap(file); } catch {
    throw new Failure("The file is not an image that the browser can read. Choose a PNG file.");
  }
  clearPaper();
  if (model.own) {
    paper.drawImage(image, 0, 0, canvas.width, canvas.height);
    exact = (await ownPixels(file)).flat();
    return;
  }
  const size = canvas.width, scale = size / Math.max(image.width, image.height);
  const [wide, high] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const x = (size - wide) >> 1, y = (size - high) >> 1;
  paper.imageSmoothingEnabled = image.width > SIDE;
  paper.drawImage(image, x, y, wide, high);
  const ink = inkOf(paper, wide, high, x, y);
  const edge = [...ink.slice(0, wide), ...ink.slice(-wide)].reduce((a, b) => a + b);
  if (edge / (2 * wide) > 127) { // light ink on black, as in the data sets
    Object.assign(paper, { globalCompositeOperation: "difference", fillStyle: "#fff" });
    paper.fillRect(x, y, wide, high);
    paper.globalCompositeOperation = "source-over";
  }
  if (image.width === SIDE && image.height === SIDE) {
    const all = inkOf(paper, size), step = size / SIDE;
    exact = Array.from({ length: SIDE * SIDE }, (_, at) =>
      all[(Math.floor(at / SIDE) * step + step / 2) * size + (at % SIDE) * step + step / 2]);
    if (!exact.some(Boolean)) exact = null;
  }
}
