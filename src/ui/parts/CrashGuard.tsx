import { Component, type ComponentChildren } from 'preact';
import type { Language } from '../words/language.ts';

interface CrashGuardProps {
  readonly language: () => Language;
  readonly children: ComponentChildren;
}

/** Shows the crash screen when rendering breaks a promise, and lets the bug be reported as such. */
export class CrashGuard extends Component<CrashGuardProps, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  override componentDidCatch(error: unknown): void {
    this.setState({ isBroken: true });
    reportError(error);
  }

  override render({ language, children }: CrashGuardProps) {
    if (!this.state.isBroken) return children;
    const { words } = language();
    return (
      <div class="crash card" role="alert">
        <h1>{words.crashTitle}</h1>
        <p>{words.crashText}</p>
        <button type="button" class="button button-main" onClick={() => location.reload()}>
          {words.reload}
        </button>
      </div>
    );
  }
}
