import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { PeerView } from '../../session/view.ts';
import { hasFewCores } from '../models/fewCores.ts';
import { HISTORY_MS, RateHistory } from '../models/rateHistory.ts';
import { drawPlot, drawStreams } from '../models/streams.ts';
import { useLanguage } from '../models/ui.ts';
import { fill } from '../words/phrase.ts';

interface LanesPictureProps {
  readonly peer: PeerView;
  /** Which way the water runs; `undefined` while nothing is under way. */
  readonly direction: 'send' | 'receive' | undefined;
}

/**
 * The lanes of one link as streams between two gates, as thick as they carry. A tap turns it into
 * the throughput of the last minute. Water moves by one composited animation; the page itself only
 * draws one path, when the view changes.
 */
export function LanesPicture({ peer, direction }: LanesPictureProps) {
  const { words, format } = useLanguage();
  const isPlot = useSignal(false);
  const history = useRef(new RateHistory());
  const total = peer.lanes.reduce((sum, lane) => sum + lane.bytesPerSec, 0);
  history.current.add(performance.now(), total);
  const picture = drawStreams(peer.lanes);

  return (
    <button
      type="button"
      class="lanes"
      data-flow={picture.isFlowing ? (direction ?? 'send') : 'still'}
      data-path={peer.path}
      aria-label={isPlot.value ? words.showLanes : words.showPlot}
      title={isPlot.value ? words.showLanes : words.showPlot}
      style={{ height: `${picture.heightPx}px` }}
      onClick={() => {
        isPlot.value = !isPlot.value;
      }}
    >
      {isPlot.value ? (
        <Plot history={history.current} heightPx={picture.heightPx} />
      ) : (
        <>
          <span class="lanes-water">
            {/* With few cores nothing moves that only pleases the eye: without a GPU it cost a fortieth of two. */}
            <span
              class={`lanes-current lanes-current-${hasFewCores ? 'calm' : speedStep(total)}`}
            />
          </span>
          <svg
            class="lanes-banks"
            viewBox={`0 0 100 ${picture.heightPx}`}
            preserveAspectRatio="none"
            aria-hidden="true"
          >
            <path d={picture.banks} fill-rule="evenodd" />
          </svg>
          {peer.path === 'relay' && <span class="lanes-relay" />}
        </>
      )}
      {isPlot.value && (
        <span class="lanes-caption">
          {fill(words.plotSpan, { time: format.duration(HISTORY_MS / 1000) })}
        </span>
      )}
    </button>
  );
}

function Plot({ history, heightPx }: { readonly history: RateHistory; readonly heightPx: number }) {
  const { format } = useLanguage();
  const plot = drawPlot(history.samples, performance.now(), heightPx);
  return (
    <>
      <svg
        class="lanes-plot"
        viewBox={`0 0 100 ${heightPx}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        <path class="plot-area" d={plot.area} />
        <path class="plot-line" d={plot.line} vector-effect="non-scaling-stroke" />
      </svg>
      <span class="lanes-most">{format.rate(plot.most)}</span>
    </>
  );
}

/** How fast the water is seen to run: 1 to 4. Few steps, because a change of speed makes it jump. */
function speedStep(bytesPerSec: number): number {
  if (bytesPerSec < 500_000) return 1;
  if (bytesPerSec < 5_000_000) return 2;
  return bytesPerSec < 30_000_000 ? 3 : 4;
}
