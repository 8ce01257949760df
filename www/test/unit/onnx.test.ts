import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as ort from "onnxruntime-web";
import { beforeAll, expect, test } from "vitest";

/** Where `cargo test --release --test main export` wrote models of every kind; see tests/stages/export.rs. */
const EXPORTS = process.env["EXPORTS"] ?? join(import.meta.dirname, "../../../target/tmp/onnx");

/**
 * The largest difference from the Rust library, as a share of the output's largest value.
 *
 * Both compute in single precision, in other orders: that leaves 4e-6, and 8e-6 of signet's distances, differences of
 * large numbers. A normalisation's constant that is off by 5 % (signet) or tenfold (shipped) leaves 5e-4 and more, a
 * wrong axis a third of the scale.
 */
const TOLERANCE = 1e-4;

type Tensors = Record<string, ort.Tensor>;

beforeAll(() => {
  if (!existsSync(EXPORTS)) throw new Error(`${EXPORTS} is missing; run: cargo test --release --test main export`);
});

ort.env.wasm.numThreads = 1;

/** The tensors of a safetensors file in single precision. */
function readTensors(path: string): Tensors {
  const file = readFileSync(path);
  const start = 8 + Number(file.readBigUInt64LE());
  const index = JSON.parse(file.toString("utf8", 8, start)) as Record<
    string,
    { shape: number[]; data_offsets: [number, number] }
  >;
  return Object.fromEntries(
    Object.entries(index).map(([name, { shape, data_offsets }]) => {
      const bytes = Uint8Array.from(file.subarray(start + data_offsets[0], start + data_offsets[1]));
      return [name, new ort.Tensor("float32", new Float32Array(bytes.buffer), shape)];
    }),
  );
}

/** Signatures `rows` of a batch. */
function select(batch: ort.Tensor, rows: number[]): ort.Tensor {
  const data = batch.data as Float32Array;
  const length = data.length / batch.dims[0]!;
  const values = rows.flatMap((row) => [...data.subarray(row * length, (row + 1) * length)]);
  return new ort.Tensor("float32", Float32Array.from(values), [rows.length, ...batch.dims.slice(1)]);
}

/** The largest difference as a share of the largest value of `scale`. */
function difference(found: ort.Tensor, expected: ort.Tensor, scale: ort.Tensor): number {
  expect(found.dims).toEqual(expected.dims);
  const values = expected.data as Float32Array;
  const largest = (scale.data as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return (found.data as Float32Array).reduce((most, value, i) => Math.max(most, Math.abs(value - values[i]!)), 0) / largest;
}

/** The two files of a model, open. */
async function open(folder: string) {
  const load = (name: string) => ort.InferenceSession.create(readFileSync(join(folder, name)));
  const [encoder, comparison] = [await load("encoder.onnx"), await load("comparison.onnx")];
  return {
    /** What they say of signatures `rows`, each compared with the first of all. */
    async run(ink: ort.Tensor, rows: number[]): Promise<Tensors> {
      const features = await encoder.run({ ink: select(ink, rows) });
      const compared = features["map"] ? "map" : "embedding";
      const first = await encoder.run({ ink: select(ink, [0]) });
      const reference = (part: string) => select(first[part]!, rows.map(() => 0));
      const inputs: Tensors = { questioned: features[compared]!, reference: reference(compared) };
      // where the line's slant and pressure count, too
      if (comparison.inputNames.includes("reference_embedding")) {
        inputs["questioned_embedding"] = features["embedding"]!;
        inputs["reference_embedding"] = reference("embedding");
      }
      return { ...features, ...(await comparison.run(inputs)) };
    },
    async close() {
      await encoder.release();
      await comparison.release();
    },
  };
}

test.each([
  ["shipped", ["embedding", "map", "score", "unmatched"]],
  ["tiny", ["embedding", "map", "score", "unmatched"]],
  ["directions", ["embedding", "map", "score", "unmatched"]],
  ["cosine", ["embedding", "score"]],
  ["sigmoid-euclidean", ["embedding", "score"]],
  ["weighted-l1", ["embedding", "score"]],
  ["signet", ["embedding", "score"]],
  ["koch", ["embedding", "score"]],
])("onnxruntime computes what the library does: %s", { timeout: 120_000 }, async (name, outputs) => {
  const { ink, ...known } = readTensors(join(EXPORTS, name, "example.safetensors"));
  expect(Object.keys(known).sort()).toEqual(outputs);
  const model = await open(join(EXPORTS, name));
  for (const rows of [[0, 1, 2], [1], [2]]) {
    const found = await model.run(ink!, rows);
    expect(Object.keys(found).sort()).toEqual(outputs);
    for (const output of outputs) {
      const part = difference(found[output]!, select(known[output]!, rows), known[output]!);
      expect(part, `${output} of signatures ${rows}`).toBeLessThan(TOLERANCE);
    }
  }
  await model.close();
  // signatures of two hands differ by far more than that
  for (const output of outputs) {
    const [own, other] = [select(known[output]!, [0]), select(known[output]!, [2])];
    expect(difference(own, other, known[output]!), output).toBeGreaterThan(10 * TOLERANCE);
  }
});
