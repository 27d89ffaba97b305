// How does a person show a second factor?
import { codeField, openDialog } from "./dialog.js";
import { h } from "./dom.js";

// The code a person typed, or null when he would rather not. `wrong` says why an earlier one was not taken.
export async function askForCode(wrong) {
  const { input, node } = codeField();
  const said = await openDialog({
    title: "Second factor",
    content: h("div", {}, h("p", { class: "caption" }, "Changing a signal needs the code that your authenticator app shows now."), wrong ? h("p", { class: "fault", role: "alert" }, `${wrong}.`) : null, node),
    confirm: "Send",
    first: input,
  });
  return said ? input.value.trim() : null;
}
