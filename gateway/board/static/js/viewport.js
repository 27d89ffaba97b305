// Which part of the street is in view, and how does a person move it by drag, pinch, wheel and keys?
const STEP_PX = 60;
const ZOOM_STEP = 1.4;
const MAX_SCALE = 12;

export class Viewport {
  // `bounds` in metres; moved(view) is called with the scale in px per metre and a project([x, y]) to px.
  constructor(node, bounds, moved) {
    this.node = node;
    this.bounds = bounds;
    this.moved = moved;
    this.size = [0, 0];
    this.view = { x: (bounds[0] + bounds[2]) / 2, y: (bounds[1] + bounds[3]) / 2, scale: 1 };
    this.pointers = new Map();
    node.addEventListener("pointerdown", (event) => this.#down(event));
    node.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) node.addEventListener(name, (event) => this.#up(event));
    node.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    node.addEventListener("keydown", (event) => this.#key(event));
  }

  resize(width, height) {
    const first = this.size[0] === 0;
    const fitted = !first && Math.abs(this.view.scale - this.fitScale()) < 1e-6;
    this.size = [width, height];
    if (first || fitted) this.fit();
    else this.#show();
  }

  fitScale() {
    const [x0, y0, x1, y1] = this.bounds;
    return Math.min(this.size[0] / (x1 - x0), this.size[1] / (y1 - y0));
  }

  fit() {
    const [x0, y0, x1, y1] = this.bounds;
    this.lookAt([(x0 + x1) / 2, (y0 + y1) / 2], this.fitScale());
  }

  lookAt([x, y], scale) {
    this.view = { x, y, scale: Math.min(MAX_SCALE, Math.max(this.fitScale(), scale)) };
    this.#show();
  }

  zoom(factor, [px, py] = [this.size[0] / 2, this.size[1] / 2]) {
    const { x, y, scale } = this.view;
    const next = Math.min(MAX_SCALE, Math.max(this.fitScale(), scale * factor));
    const [dx, dy] = [px - this.size[0] / 2, py - this.size[1] / 2];
    this.view = { x: x + dx / scale - dx / next, y: y - dy / scale + dy / next, scale: next };
    this.#show();
  }

  pan(dx, dy) {
    const { x, y, scale } = this.view;
    this.view = { x: x - dx / scale, y: y + dy / scale, scale };
    this.#show();
  }

  project([x, y]) {
    const { view, size } = this;
    return [(x - view.x) * view.scale + size[0] / 2, size[1] / 2 - (y - view.y) * view.scale];
  }

  transform() {
    const [tx, ty] = this.project([0, 0]);
    const k = this.view.scale;
    return `matrix(${k} 0 0 ${-k} ${tx.toFixed(2)} ${ty.toFixed(2)})`;
  }

  #show() {
    const [x0, y0, x1, y1] = this.bounds;
    const half = this.size.map((length) => length / 2 / this.view.scale);
    this.view.x = within(this.view.x, x0 + half[0], x1 - half[0]);
    this.view.y = within(this.view.y, y0 + half[1], y1 - half[1]);
    this.moved(this);
  }

  #at(event) {
    const box = this.node.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  #down(event) {
    if (event.target.closest("button")) return;
    this.node.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.#at(event));
  }

  #move(event) {
    const from = this.pointers.get(event.pointerId);
    if (!from) return;
    const to = this.#at(event);
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) this.zoom(apart(to, other) / Math.max(1, apart(from, other)), middle(to, other));
    const share = other ? 0.5 : 1;
    this.pan(share * (to[0] - from[0]), share * (to[1] - from[1]));
    this.pointers.set(event.pointerId, to);
  }

  #up(event) {
    this.pointers.delete(event.pointerId);
  }

  // The plain wheel scrolls the page; with Ctrl (or a trackpad pinch) or while the map has focus it zooms.
  #wheel(event) {
    const meant = event.ctrlKey || event.metaKey || document.activeElement === this.node;
    if (!meant) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), this.#at(event));
  }

  #key(event) {
    if (event.target !== this.node || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      ArrowLeft: () => this.pan(STEP_PX, 0),
      ArrowRight: () => this.pan(-STEP_PX, 0),
      ArrowUp: () => this.pan(0, STEP_PX),
      ArrowDown: () => this.pan(0, -STEP_PX),
      "+": () => this.zoom(ZOOM_STEP),
      "=": () => this.zoom(ZOOM_STEP),
      "-": () => this.zoom(1 / ZOOM_STEP),
      0: () => this.fit(),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }
}

const within = (value, low, high) => (low > high ? (low + high) / 2 : Math.min(high, Math.max(low, value)));
const apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const middle = (a, b) => [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
