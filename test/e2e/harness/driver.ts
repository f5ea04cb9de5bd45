/** What a tool can do with one browser of its own. The two browsers are driven by different tools. */
export interface Driver {
  readonly browser: 'chromium' | 'firefox';
  /** Process of the browser; its renderers are among its descendants. */
  readonly pid: number;
  /** Every line the page wrote to its console, oldest first. */
  readonly log: readonly string[];
  /** Errors nobody caught, violations of the content security policy, crashes. */
  readonly problems: readonly string[];
  goto(url: string): Promise<void>;
  /** Runs a function that refers to nothing but its argument inside the page. */
  evaluate<A, T>(inPage: (argument: A) => T | Promise<T>, argument: A): Promise<T>;
  /** Clicks the first match as a person does, waiting until it can be clicked. */
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  setFiles(selector: string, paths: readonly string[]): Promise<void>;
  /** Does something that starts a download. @returns path of the finished file */
  download(start: () => Promise<void>): Promise<string>;
  screenshot(path: string): Promise<void>;
  /** Kills the browser as a crash would, without goodbyes. */
  kill(): void;
  close(): Promise<void>;
}

/** A driver whose browser has a profile that outlives its process. */
export interface KeptDriver extends Driver {
  /** Starts the browser, again on the profile it had, with one empty page. */
  start(): Promise<void>;
  reload(): Promise<void>;
  /** Kills the browser and all its helpers at once; resolves when they are gone. */
  crash(): Promise<void>;
  /** Leaves the running browser with one empty page, for a test of another site. Rejects where it is not running. */
  renew(): Promise<void>;
}

/** How long a page may take for anything a person does, ms. */
export const ACTION_TIMEOUT_MS = 20_000;

/** How long a finished transfer may take to become a finished download, ms. */
export const DOWNLOAD_TIMEOUT_MS = 60_000;

/** A call as text, which both tools can evaluate: `inPage` and its argument must survive that. */
export const callOf = <A>(inPage: (argument: A) => unknown, argument: A) =>
  `(${inPage.toString()})(${JSON.stringify(argument)})`;

/** Marks a console line written by {@link reportViolations}. */
export const VIOLATION = 'content security policy violated:';

/** Put into every page before its own scripts. Page errors reach the drivers by themselves. */
export function reportViolations(mark: string): void {
  document.addEventListener('securitypolicyviolation', (event) => {
    console.error(`${mark} ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
  });
}
