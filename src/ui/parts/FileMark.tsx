import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { FileView } from '../../session/view.ts';
import { pictureOf } from '../models/picture.ts';
import { Icon } from './Icon.tsx';

interface FileMarkProps {
  readonly kind: FileView['kind'];
  /** The bytes of a received file, when they are there. */
  readonly content: (() => Blob | undefined) | undefined;
}

/** What stands before a file's name: the picture it holds, if it is one, else the sign of its kind. */
export function FileMark({ kind, content }: FileMarkProps) {
  const url = useSignal<string | undefined>(undefined);
  const isThere = content !== undefined;

  useEffect(() => {
    let isCurrent = true;
    const show = async () => {
      const bytes = content?.();
      const picture = bytes === undefined ? undefined : await pictureOf(bytes);
      if (isCurrent && picture !== undefined) url.value = URL.createObjectURL(picture);
    };
    // Bytes that cannot be read have no preview; saving them says why.
    show().catch(() => {});
    return () => {
      isCurrent = false;
      if (url.value !== undefined) URL.revokeObjectURL(url.value);
      url.value = undefined;
    };
  }, [isThere]);

  if (url.value === undefined) return <Icon name={kind} />;
  return (
    <img
      class="thumbnail"
      src={url.value}
      alt=""
      loading="lazy"
      decoding="async"
      onError={() => {
        url.value = undefined;
      }}
    />
  );
}
