import { Countersign } from "countersign";
import { defineSignatureElements } from "countersign/element";
import { TemplateStore } from "countersign/templates";

defineSignatureElements();

const wave = (shift) => [
  Array.from({ length: 90 }, (_, i) => ({ x: i, y: 20 * Math.sin(i / 6 + shift) * Math.cos(i / 17), t: 8 * i, pressure: 0.5 })),
];

async function run() {
  const countersign = await Countersign.load({ backend: "cpu" });
  const template = await countersign.enrol([wave(0), wave(0.1)]);
  const store = await TemplateStore.open();
  await store.put("me", template, countersign);
  const verdict = await countersign.check(await store.get("me", countersign), wave(0.05));
  const field = document.querySelector("signature-check");
  field.engine = countersign;
  field.template = template;
  return JSON.stringify({ decision: verdict.decision, state: field.state });
}

run().then(
  (text) => (document.querySelector("output").textContent = text),
  (error) => (document.querySelector("output").textContent = String(error)),
);
