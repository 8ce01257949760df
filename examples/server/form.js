/** Gives the field what the server has, or enrols who comes first. The form itself needs no script. */
import { defineSignatureElements } from "/countersign-element.js";

defineSignatureElements();
const field = document.querySelector("signature-check");
const enrolment = document.querySelector("section");
const status = enrolment.querySelector("[role=status]");

const stored = await fetch("/template");
if (stored.status === 200) {
  field.template = new Uint8Array(await stored.arrayBuffer());
} else {
  enrolment.hidden = false;
  enrolment.addEventListener("signature-enrolled", async ({ detail: { template } }) => {
    const answer = await fetch("/template", {
      method: "POST",
      headers: { "content-type": "application/octet-stream" },
      body: template,
    });
    if (answer.ok) field.template = template;
    status.textContent = answer.ok ? "Enrolled. Now sign below." : `The server has refused it (${answer.status}); load this page again.`;
  });
}
