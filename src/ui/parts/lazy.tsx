import { signal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';

/** A component whose code is not part of the first load. */
export interface LazyComponent<Props> {
  (props: Props): JSX.Element | null;
  /** Fetches the code now, so that it stands at once when it is needed. Rejects when it does not come. */
  load(): Promise<void>;
}

/** Shows nothing until `fetchCode` has brought the component; a failure reaches the crash screen. */
export function lazy<Props extends object>(
  fetchCode: () => Promise<ComponentType<Props>>,
): LazyComponent<Props> {
  const state = signal<{ readonly Loaded?: ComponentType<Props>; readonly error?: unknown }>({});
  let loading: Promise<void> | undefined;

  const load = () => {
    loading ??= fetchCode().then((Loaded) => {
      state.value = { Loaded };
    });
    loading.catch(() => {
      // Whoever asked is told; forgetting it here lets the next one try again.
      loading = undefined;
    });
    return loading;
  };

  const Lazy = (props: Props) => {
    const { Loaded, error } = state.value;
    useEffect(() => {
      load().catch((reason: unknown) => {
        state.value = { error: reason };
      });
    }, []);
    if (error !== undefined) throw error;
    return Loaded === undefined ? null : <Loaded {...props} />;
  };
  return Object.assign(Lazy, { load });
}
