/** Pictures of what a check passes through. */
import type { Stages } from "../../public/index.ts";

type FeatureMap = NonNullable<Stages["map"]>;
type Colour = readonly [number, number, number];

const BLACK: Colour = [16, 24, 40];
const WHITE: Colour = [255, 255, 255];
/** Dark to light, even to the eye: stops of the map "viridis". */
const HEAT: readonly Colour[] = [[68, 1, 84], [59, 82, 139], [33, 145, 140], [94, 201, 98], [253, 231, 37]];
/** Below nought and above. */
const [BELOW, ABOVE]: readonly [Colour, Colour] = [[33, 102, 172], [178, 24, 43]];
/** Channels in a row of the picture, and pixels between them. */
const COLUMNS = 8;
const GAP = 2;

export function greyPicture({ width, height, grey }: Stages["page"]): HTMLCanvasElement {
  return picture(width, height, (at) => mix(BLACK, WHITE, (grey[at] ?? 255) / 255));
}

export function inkOnWhite({ width, height, density }: Stages["ink"]): HTMLCanvasElement {
  return picture(width, height, (at) => mix(WHITE, BLACK, (density[at] ?? 0) / 255));
}

/** How much the network found at each place. */
export function energyPicture({ width, height, energy }: FeatureMap): HTMLCanvasElement {
  const most = Math.max(...energy, Number.MIN_VALUE);
  return picture(width, height, (at) => heat((energy[at] ?? 0) / most));
}

/** All channels side by side, blue below nought and red above, each by its own scale. */
export function channelsPicture({ channels, width, height, values }: FeatureMap): HTMLCanvasElement {
  const columns = Math.min(COLUMNS, channels);
  const rows = Math.ceil(channels / columns);
  const [across, down] = [columns * (width + GAP) - GAP, rows * (height + GAP) - GAP];
  const most = Array.from({ length: channels }, (_, channel) => {
    const from = channel * width * height;
    return values.slice(from, from + width * height).reduce((top, value) => Math.max(top, Math.abs(value)), 0) || 1;
  });
  return picture(across, down, (at) => {
    const [x, y] = [at % across, Math.floor(at / across)];
    const [column, row] = [Math.floor(x / (width + GAP)), Math.floor(y / (height + GAP))];
    const [u, v, channel] = [x - column * (width + GAP), y - row * (height + GAP), row * columns + column];
    if (u >= width || v >= height || channel >= channels) return undefined;
    const value = (values[(channel * height + v) * width + u] ?? 0) / (most[channel] ?? 1);
    return mix(WHITE, value < 0 ? BELOW : ABOVE, Math.abs(value));
  });
}

/** 0 to 1 as a colour. */
export function heat(value: number): Colour {
  const at = Math.min(Math.max(value, 0), 1) * (HEAT.length - 1);
  const low = Math.min(Math.floor(at), HEAT.length - 2);
  return mix(HEAT[low] ?? BLACK, HEAT[low + 1] ?? BLACK, at - low);
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const at = (channel: 0 | 1 | 2): number => Math.round(from[channel] + share * (to[channel] - from[channel]));
  return [at(0), at(1), at(2)];
}

/** A canvas whose pixels have the colours that `colour` gives by their number; transparent without one. */
function picture(width: number, height: number, colour: (at: number) => Colour | undefined): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width, height];
  const context = canvas.getContext("2d");
  const image = context?.createImageData(width, height);
  if (!context || !image) return canvas;
  for (let at = 0; at < width * height; at += 1) {
    const found = colour(at);
    if (found) image.data.set([...found, 255], 4 * at);
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
