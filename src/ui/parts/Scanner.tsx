import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { looksLikeCode } from '../models/codeTyping.ts';
import { scan } from '../models/scanning.ts';
import { useLanguage } from '../models/ui.ts';
import { Icon } from './Icon.tsx';
import '../styles/scanner.css';

export interface ScannerProps {
  /** A code or link of ours was read. Called once. */
  readonly onFound: (codeOrLink: string) => void;
  readonly onClose: () => void;
}

/** The camera, until it has seen a code of ours or is closed. */
export function Scanner({ onFound, onClose }: ScannerProps) {
  const { words } = useLanguage();
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const hint = useSignal<'scanHint' | 'scanNotOurs' | 'scanDenied'>('scanHint');

  useLayoutEffect(() => {
    const camera = new AbortController();
    const read = (text: string) => {
      if (camera.signal.aborted) return;
      if (!looksLikeCode(text)) {
        hint.value = 'scanNotOurs';
        return;
      }
      camera.abort();
      onFound(text.trim());
    };
    dialog.current?.showModal();
    if (video.current !== null) {
      scan(video.current, read, camera.signal).catch(() => {
        // No camera, no permission, or no decoder while offline: typing always works.
        if (!camera.signal.aborted) hint.value = 'scanDenied';
      });
    }
    return () => camera.abort();
    // The camera belongs to this mount, whatever the parent passes later.
  }, []);

  return (
    <dialog ref={dialog} class="scanner" aria-label={words.scan} onClose={onClose}>
      <video ref={video} muted playsInline />
      <p role="status">{words[hint.value]}</p>
      <button
        type="button"
        class="icon-button"
        aria-label={words.close}
        title={words.close}
        onClick={() => dialog.current?.close()}
      >
        <Icon name="close" />
      </button>
    </dialog>
  );
}
