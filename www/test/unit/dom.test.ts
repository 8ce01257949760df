import { expect, test } from "vitest";
import { upgrade } from "../../src/element/dom.ts";

test("what was set before an element was defined is set once more, the value last", () => {
  const set: [string, unknown][] = [];
  const classOfIt = Object.create(null) as object;
  for (const name of ["value", "template", "allowTyped"]) {
    Object.defineProperty(classOfIt, name, { set: (value: unknown) => void set.push([name, value]), configurable: true });
  }
  const element = { value: "Ada", template: 1, ofThePage: 2, allowTyped: true };
  Object.setPrototypeOf(element, classOfIt);
  upgrade(element as unknown as HTMLElement);
  expect(set).toEqual([["template", 1], ["allowTyped", true], ["value", "Ada"]]);
  expect(Object.keys(element)).toEqual(["ofThePage"]);
});
