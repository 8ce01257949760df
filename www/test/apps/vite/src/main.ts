import { Countersign, type Strokes, type Verdict } from "countersign";
import { defineSignatureElements } from "countersign/element";
import { TemplateStore } from "countersign/templates";

defineSignatureElements();

function wave(shift: number): Strokes {
  return [Array.from({ length: 90 }, (_, i) => ({ x: i, y: 20 * Math.sin(i / 6 + shift) * Math.cos(i / 17), t: 8 * i, pressure: 0.5 }))];
}

const output = document.querySelector("output")!;
const field = document.querySelector("signature-check")!;
try {
  const countersign = await Countersign.load({ backend: "cpu" });
  const template = await countersign.enrol([wave(0), wave(0.1)]);
  const store = await TemplateStore.open();
  await store.put("me", template, countersign);
  const verdict: Verdict = await countersign.check(await store.get("me", countersign), wave(0.05));
  field.engine = countersign;
  field.template = template;
  output.textContent = JSON.stringify({ decision: verdict.decision, state: field.state });
} catch (error) {
  output.textContent = String(error);
}
