/** How often a camera picture is looked at, in ms; and how large, in pixels a side. */
const LOOK_EVERY_MS = 200;
const LOOK_SIDE = 480;

/**
 * Shows the camera in `video` and reads QR codes from it until `signal` aborts. `onText` is called
 * for every picture with a code in it, so for the same code many times.
 * Rejects when the camera or the decoder cannot be had.
 */
export async function scan(
  video: HTMLVideoElement,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const [stream, { decodeQR }] = await Promise.all([openCamera(signal), import('qr/decode.js')]);
  signal.throwIfAborted();
  video.srcObject = stream;
  await video.play();

  const context = new OffscreenCanvas(LOOK_SIDE, LOOK_SIDE).getContext('2d', {
    willReadFrequently: true,
  });
  if (context === null) return;
  while (!signal.aborted) {
    drawMiddle(context, video);
    const { data, width, height } = context.getImageData(0, 0, LOOK_SIDE, LOOK_SIDE);
    const text = textOf(() => decodeQR({ data, width, height }));
    if (text !== undefined) onText(text);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** The camera at the back, where there is one. It is let go when `signal` aborts, also while it opens. */
async function openCamera(signal: AbortSignal): Promise<MediaStream> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 1280 } },
  });
  const stop = () => {
    for (const track of stream.getTracks()) track.stop();
  };
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  return stream;
}

/** The largest square in the middle of the picture, as the person sees it. */
function drawMiddle(context: OffscreenCanvasRenderingContext2D, video: HTMLVideoElement): void {
  const side = Math.min(video.videoWidth, video.videoHeight);
  const left = (video.videoWidth - side) / 2;
  const top = (video.videoHeight - side) / 2;
  context.drawImage(video, left, top, side, side, 0, 0, LOOK_SIDE, LOOK_SIDE);
}

function textOf(decode: () => string): string | undefined {
  try {
    return decode();
  } catch {
    // The decoder throws for a picture without a code: nearly every picture.
    return undefined;
  }
}
