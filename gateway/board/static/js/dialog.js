// How does the page ask a person something before it goes on?
import { h } from "./dom.js";

// Shows `content` with buttons until one is pressed; resolves to its value, or to null on Escape or Cancel.
// `first` gets the focus. `submit(value)` may return a text: what is wrong, shown, and the dialog stays.
export function openDialog({ title, content, confirm = "Confirm", cancel = "Cancel", first = null, submit = async () => "" }) {
  return new Promise((resolve) => {
    const fault = h("p", { class: "fault", role: "alert" });
    const go = h("button", { type: "submit", class: "plain primary" }, confirm);
    const form = h(
      "form",
      { method: "dialog" },
      h("h2", { id: "dialog-title" }, title),
      content,
      fault,
      h("div", { class: "dialog-buttons" }, cancel ? h("button", { type: "button", class: "plain", onclick: () => close(null) }, cancel) : null, go),
    );
    const node = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
    const close = (value) => {
      node.close();
      node.remove();
      resolve(value);
    };
    node.addEventListener("cancel", (event) => {
      event.preventDefault();
      close(null);
    });
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      go.disabled = true;
      fault.textContent = "";
      const wrong = await submit();
      go.disabled = false;
      if (wrong) fault.textContent = wrong;
      else close(true);
    });
    document.body.append(node);
    node.showModal();
    first?.focus();
  });
}

// A labelled input.
export function field(label, attributes, note = "") {
  const input = h("input", attributes);
  return { input, node: h("label", { class: "entry" }, h("span", {}, label), input, note ? h("span", { class: "caption" }, note) : null) };
}

export const codeField = (label = "Code from your authenticator app") =>
  field(label, { name: "code", inputmode: "text", autocomplete: "one-time-code", maxlength: 20, required: true, spellcheck: "false", autocapitalize: "off" }, "Six digits, or one of your recovery codes.");
