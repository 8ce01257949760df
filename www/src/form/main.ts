/** A form as any page could have it: enrolment, a template kept in this browser, and the field. */
import { defineSignatureElements, sharedEngine, SignatureCheck, SignatureEnrolment } from "../element/index.ts";
import { guardDrops } from "../page/drops.ts";
import { find } from "../page/element.ts";
import { CountersignError } from "../public/index.ts";
import { TemplateStore } from "../public/templates.ts";

const SIGNER = "me";

const query = new URLSearchParams(location.search);
document.documentElement.lang = query.get("lang") ?? "en";
document.documentElement.dir = query.get("dir") ?? "ltr";
defineSignatureElements();
guardDrops();

const stored = find("#stored", HTMLElement);
const field = find("signature-check", SignatureCheck);
const enrolment = find("signature-enrolment", SignatureEnrolment);
const form = find("form", HTMLFormElement);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const sent = Object.fromEntries(new FormData(form));
  find("#sent", HTMLElement).textContent = JSON.stringify({ ...sent, signature: JSON.parse(String(sent["signature"])) }, null, 1);
});
form.addEventListener("reset", () => {
  find("#sent", HTMLElement).textContent = "";
});

// The one that the elements share: a signature that is given before it is there waits for the same.
const asked = query.get("backend");
const backend = asked === "cpu" || asked === "webgpu" ? asked : "auto";
field.backend = enrolment.backend = backend;
const checker = () => sharedEngine({ backend });

const opening = TemplateStore.open();
enrolment.addEventListener("signature-enrolled", ({ detail }) =>
  said(async () => {
    // For this visit it does, where the browser keeps nothing.
    field.template = detail.template;
    const store = await opening;
    await store.put(SIGNER, detail.template, await checker());
    return `${detail.references} signatures are enrolled in this browser.`;
  }),
);
find("#forget", HTMLButtonElement).addEventListener("click", () =>
  said(async () => {
    field.template = null;
    enrolment.reset();
    const store = await opening;
    await store.delete(SIGNER);
    return "Nothing is enrolled.";
  }),
);
await said(async () => {
  const store = await opening;
  const kept = await store.get(SIGNER, await checker());
  // Who has enrolled meanwhile is enrolled anew.
  field.template ??= kept;
  return "A signature is enrolled in this browser.";
});

/** Does something with the stored template and says what came of it. */
async function said(work: () => Promise<string>): Promise<void> {
  try {
    stored.textContent = await work();
  } catch (thrown) {
    const { code, message } = CountersignError.from(thrown, "storage-failed");
    stored.textContent = code === "unknown-template" ? "Nothing is enrolled." : message;
  }
}
