/** Screenshots to a small GIF. */
import gifenc from "gifenc";
import { PNG } from "pngjs";

export interface Frame {
  readonly png: Buffer;
  /** Milliseconds for which it is seen. */
  readonly delay: number;
}

/** What a page needs; one more stands for "as before". */
const COLOURS = 127;

/** An animation that repeats. All frames have the same size; each stores only the pixels that the one before has not. */
export function gif(frames: readonly Frame[]): Uint8Array {
  const pictures = frames.map(({ png }) => PNG.sync.read(png));
  const [first] = pictures;
  if (!first) throw new Error("a recording needs a frame");
  const palette = gifenc.quantize(new Uint8Array(Buffer.concat(pictures.map(sample))), COLOURS);
  const same = palette.length;
  const encoder = gifenc.GIFEncoder();
  let before: Uint8Array | undefined;
  for (const [number, { data, width, height }] of pictures.entries()) {
    if (width !== first.width || height !== first.height) throw new Error(`frame ${number} has another size`);
    const index = gifenc.applyPalette(new Uint8Array(data), palette);
    const changed = index.map((colour, at) => (before?.[at] === colour ? same : colour));
    encoder.writeFrame(changed, width, height, {
      ...(before ? {} : { palette: [...palette, [255, 255, 255]] }),
      delay: frames[number]!.delay,
      transparent: before !== undefined,
      transparentIndex: same,
      // What was drawn stays.
      dispose: 1,
    });
    before = index;
  }
  encoder.finish();
  return encoder.bytes();
}

/** Every seventh pixel: enough to know the colours. */
function sample({ data }: PNG): Buffer {
  const some = Buffer.alloc(Math.floor(data.length / 28) * 4);
  for (let at = 0; at < some.length; at += 4) data.copy(some, at, at * 7, at * 7 + 4);
  return some;
}
