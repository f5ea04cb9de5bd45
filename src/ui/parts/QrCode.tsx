import { useEffect, useState } from 'preact/hooks';
import { useLanguage } from '../models/ui.ts';

/** Modules of white around the code: ISO/IEC 18004 asks for four. */
const QUIET = 4;

/**
 * The text as a QR code: always dark on white, whatever the theme, because cameras expect it.
 * The encoder is loaded when the first code is shown.
 */
export function QrCode({ text }: { readonly text: string }) {
  const { words } = useLanguage();
  const [modules, setModules] = useState<readonly (readonly boolean[])[] | undefined>(undefined);

  useEffect(() => {
    let isCurrent = true;
    const draw = async () => {
      // Offline the encoder may not come; the code and the link are there without it.
      const encoder = await import('qr').catch(() => undefined);
      if (!isCurrent || encoder === undefined) return;
      setModules(encoder.encodeQR(text, 'raw', { ecc: 'medium', border: QUIET }));
    };
    draw().catch(reportError);
    return () => {
      isCurrent = false;
    };
  }, [text]);

  if (modules === undefined) return <div class="qr" aria-hidden="true" />;
  const side = modules.length;
  return (
    <svg
      class="qr"
      role="img"
      aria-label={words.qrLabel}
      viewBox={`0 0 ${side} ${side}`}
      shape-rendering="crispEdges"
    >
      <path d={pathOf(modules)} />
    </svg>
  );
}

/** One run of dark modules is one rectangle. */
function pathOf(modules: readonly (readonly boolean[])[]): string {
  let path = '';
  modules.forEach((row, y) => {
    let start = -1;
    for (let x = 0; x <= row.length; x += 1) {
      const isDark = row[x] === true;
      if (isDark && start < 0) start = x;
      if (!isDark && start >= 0) {
        path += `M${start} ${y}h${x - start}v1H${start}z`;
        start = -1;
      }
    }
  });
  return path;
}
