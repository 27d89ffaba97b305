// How is the page written to? Only as text and attributes: nothing that arrives is ever read as markup.
const SVG = "http://www.w3.org/2000/svg";

const fill = (node, attributes, children) => {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
};

export const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes, ...children) => fill(document.createElementNS(SVG, tag), attributes, children);

// Writes only what changed, so that a screen reader and the selection are left in peace.
export function text(node, value) {
  const next = String(value);
  if (node.textContent !== next) node.textContent = next;
}

export function attr(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value === true ? "" : value);
  }
}

export const show = (node, visible) => attr(node, "hidden", !visible);

export const body = (id) => document.querySelector(`#${id} .panel-body`);

export const head = (id) => document.querySelector(`#${id} .panel-head`);

// Runs `render` only when `value` differs from last time (compared as JSON).
export function onChange(render) {
  let last;
  return (value) => {
    const now = JSON.stringify(value);
    if (now === last) return;
    last = now;
    render(value);
  };
}
