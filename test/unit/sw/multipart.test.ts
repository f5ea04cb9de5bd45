import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundaryOf, MultipartError, readMultipart } from '../../../sw/multipart.ts';

/** A body that arrives cut at these places, over and over. */
function arriving(bytes: Uint8Array<ArrayBuffer>, cuts: readonly number[]) {
  let at = 0;
  let turn = 0;
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => {
      const size = cuts[turn % cuts.length] ?? bytes.length;
      turn += 1;
      if (at < bytes.length) controller.enqueue(bytes.slice(at, at + size));
      else controller.close();
      at += size;
    },
  });
}

async function readAll(body: ReadableStream<Uint8Array<ArrayBuffer>>, boundary: string) {
  const parts: { name: string; fileName: string | undefined; type: string; bytes: number[] }[] = [];
  for await (const { body: bytes, ...head } of readMultipart(body, boundary)) {
    const content = new Uint8Array(await new Response(bytes).arrayBuffer());
    parts.push({ ...head, bytes: [...content] });
  }
  return parts;
}

/** As the platform writes it, which is what browsers post. */
async function written(form: FormData) {
  const response = new Response(form);
  const boundary = boundaryOf(response.headers.get('content-type') ?? '') ?? '';
  return { boundary, bytes: new Uint8Array(await response.arrayBuffer()) };
}

const anyBytes = fc.uint8Array({ maxLength: 300 }).map((bytes) => Uint8Array.from(bytes));
const anyCuts = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 8 });
const anyName = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  // Line ends are written in a form of their own, and half a surrogate pair cannot be written at all.
  .filter((name) => !/[\r\n]|\p{Surrogate}/u.test(name));

test('whatever a browser posts is read back, however it arrives', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ name: anyName, fileName: anyName, bytes: anyBytes }), { maxLength: 4 }),
      fc.array(fc.record({ name: anyName, text: anyName }), { maxLength: 3 }),
      anyCuts,
      async (files, fields, cuts) => {
        const form = new FormData();
        for (const { name, text } of fields) form.append(name, text);
        for (const { name, fileName, bytes } of files)
          form.append(name, new File([bytes], fileName, { type: 'image/png' }));
        const { boundary, bytes } = await written(form);

        const parts = await readAll(arriving(bytes, cuts), boundary);

        expect(parts).toEqual([
          ...fields.map(({ name, text }) => ({
            name,
            fileName: undefined,
            type: '',
            bytes: [...new TextEncoder().encode(text)],
          })),
          ...files.map(({ name, fileName, bytes: content }) => ({
            name,
            fileName,
            type: 'image/png',
            bytes: [...content],
          })),
        ]);
      },
    ),
    { numRuns: 200 },
  );
});

test.each([
  ['a line separator', 'a\u2028b', 'c\u2029d'],
  ['what looks like a file name', 'a filename=', 'b; name='],
])('%s inside a name is part of it', async (_, name, fileName) => {
  const form = new FormData();
  form.append(name, new File(['x'], fileName));
  const { boundary, bytes } = await written(form);
  const parts = await readAll(arriving(bytes, [64]), boundary);
  expect(parts).toMatchObject([{ name, fileName, bytes: [120] }]);
});

test('bytes that look like the boundary stay in the file', async () => {
  const tricky = '\r\n\r\n--\r\n--bound\r\n--boundar\r\r\n-';
  const text = `--boundary\r\ncontent-disposition: form-data; name="f"; filename="a"\r\n\r\n${tricky}\r\n--boundary--\r\n`;
  for (const size of [1, 2, 3, 7, 1000]) {
    const [part] = await readAll(arriving(new TextEncoder().encode(text), [size]), 'boundary');
    expect(new TextDecoder().decode(Uint8Array.from(part?.bytes ?? []))).toBe(tricky);
  }
});

test('a body cut off anywhere is an error, never a shorter file', async () => {
  const form = new FormData();
  form.append('text', 'hello');
  form.append('files', new File(['x'.repeat(100)], 'x.txt'));
  const { boundary, bytes } = await written(form);
  // The two dashes that end it are the last thing that counts.
  const end = bytes.length - '--\r\n'.length;
  for (let length = 0; length <= end; length += 1) {
    const reading = readAll(arriving(bytes.slice(0, length), [64]), boundary);
    await expect(reading).rejects.toThrow(MultipartError);
  }
});

test('a head without end or without a name is refused', async () => {
  const endless = new TextEncoder().encode(`--b\r\n${'x'.repeat(40_000)}`);
  await expect(readAll(arriving(endless, [1000]), 'b')).rejects.toThrow('too long');
  const nameless = new TextEncoder().encode('--b\r\ncontent-type: a/b\r\n\r\n\r\n--b--');
  await expect(readAll(arriving(nameless, [1000]), 'b')).rejects.toThrow('no name');
});

test('only multipart/form-data has a boundary', () => {
  expect(boundaryOf('multipart/form-data; boundary=----WebKitFormBoundaryAb1')).toBe(
    '----WebKitFormBoundaryAb1',
  );
  expect(boundaryOf('multipart/form-data; boundary="a b"')).toBe('a b');
  expect(boundaryOf('multipart/mixed; boundary=x')).toBeUndefined();
  expect(boundaryOf('')).toBeUndefined();
});
