/** Attributes and properties: a framework may set either. */
import { expect, test } from "@playwright/test";
import type { SignatureCheck } from "../src/element/index.ts";
import { type Elements, open } from "./field.ts";
import { openOwn } from "./own.ts";

test("every attribute is a property that can be assigned", async ({ page }) => {
  const field = await open(page, "");
  const seen = await field.element.evaluate((element: SignatureCheck) => {
    // As frameworks do it.
    const set = (properties: object): string[] => {
      Object.assign(element, properties);
      return element.getAttributeNames().sort().map((name) => `${name}=${element.getAttribute(name)}`);
    };
    const all = { name: "by", required: true, disabled: true, readOnly: true, onUnsure: "allow", allowTyped: true, far: 0.02, backend: "cpu", weightsUrl: "/m/", preload: false };
    const given = set(all);
    const read = Object.fromEntries(Object.keys(all).map((name) => [name, element[name as keyof SignatureCheck]]));
    set({ name: "signature", required: false, disabled: false, readOnly: undefined, onUnsure: null, allowTyped: false, far: undefined, backend: null, weightsUrl: undefined, preload: false });
    return { given, same: JSON.stringify(read) === JSON.stringify(all), left: element.getAttributeNames(), far: element.far, onUnsure: element.onUnsure, backend: element.backend };
  });
  expect(seen).toEqual({
    given: ["allow-typed=", "backend=cpu", "disabled=", "far=0.02", "id=field", "name=by", "on-unsure=allow", "readonly=", "required=", "weights-url=/m/"],
    same: true,
    left: ["id", "name"],
    far: null,
    onUnsure: "block",
    backend: "auto",
  });
});

test("each has its effect", async ({ page }) => {
  const field = await open(page, "");
  const set = (properties: object) => field.element.evaluate((element, given) => void Object.assign(element, given), properties);
  expect(await field.validity()).toBe("valid");
  await set({ required: true });
  expect(await field.validity()).toBe("Please sign.");
  await set({ allowTyped: true });
  await expect(field.button("Type a name instead")).toBeVisible();
  await set({ readOnly: true });
  await expect(field.button("Use an image")).toBeDisabled();
  await set({ readOnly: false, disabled: true });
  await expect(field.button("Use an image")).toBeDisabled();
  await set({ disabled: false });
  await expect(field.button("Use an image")).toBeEnabled();

  await field.says("unsure");
  await field.sign();
  await field.state("unsure");
  expect(await field.validity()).toContain("not certain");
  await set({ onUnsure: "allow", name: "mine" });
  expect(await field.validity()).toBe("valid");
  expect(await field.element.evaluate((element: SignatureCheck) => [...new FormData(element.form!).keys()])).toEqual(["mine"]);

  await field.element.evaluate((element: SignatureCheck) => {
    const check = async (_: unknown, __: unknown, { far }: { far?: number }) => ({ decision: far === 0.05 ? "match" : "mismatch", quality: [] });
    element.engine = { check } as unknown as NonNullable<SignatureCheck["engine"]>;
    element.far = 0.05;
  });
  await field.state("match");

  const asked = page.waitForRequest("**/somewhere/manifest.json");
  await field.element.evaluate((element: SignatureCheck) => Object.assign(element, { engine: undefined, backend: "cpu", weightsUrl: "/somewhere", preload: true }));
  await asked;
});

test("what was set before the elements were defined holds", async ({ page }) => {
  await openOwn(page, "<signature-check></signature-check><signature-enrolment></signature-enrolment>");
  const seen = await page.evaluate(async () => {
    const [field, enrolment] = [document.querySelector("signature-check")!, document.querySelector("signature-enrolment")!];
    const [template, engine] = [new Uint8Array(3), {} as unknown as NonNullable<SignatureCheck["engine"]>];
    const value = JSON.stringify({ signature: { kind: "typed", name: "Ada" } });
    Object.assign(field, { value, template, required: true, allowTyped: true });
    Object.assign(enrolment, { engine });
    const { defineSignatureElements } = (await import(`${location.origin}/countersign-element.js`)) as Elements;
    defineSignatureElements();
    return [field.template === template, field.getAttribute("required"), field.state, Object.keys(field), enrolment.engine === engine, Object.keys(enrolment)];
  });
  // A typed name is taken where one may be typed, whatever was set first.
  expect(seen).toEqual([true, "", "skipped", [], true, []]);
});

test("the language is that of the place: of a shadow tree's host, and of the page as it changes", async ({ page }) => {
  const field = await open(page);
  await page.evaluate(() => (document.documentElement.lang = "fr"));
  await expect(field.button("Annuler")).toBeVisible();
  await field.element.evaluate((element) => {
    const host = document.createElement("div");
    host.lang = "es";
    host.attachShadow({ mode: "open" }).append(element);
    document.body.append(host);
  });
  await expect(field.button("Deshacer")).toBeVisible();
  await field.element.evaluate((element: SignatureCheck) => (element.strings = { undo: "Atrás" }));
  await expect(field.button("Atrás")).toBeVisible();
  // As frameworks take a property away.
  await field.element.evaluate((element: SignatureCheck) => (element.strings = undefined));
  await expect(field.button("Deshacer")).toBeVisible();
  // Some of the reasons, and the others as they were.
  await field.element.evaluate((element: SignatureCheck) => (element.strings = { reasons: { "too-small": "Más grande" } }));
  await field.says("blank-page");
  await field.sign();
  await expect(field.verdict).toHaveText(/^La imagen está en blanco/);
});
