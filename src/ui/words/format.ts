import type { Plural, Words } from './en.ts';
import { fill } from './phrase.ts';

/** Numbers as a person reads them, in one locale. Units are decimal: 1 MB is a million bytes. */
export interface Format {
  /** `1.4 GB`, `512 bytes`. */
  bytes(count: number): string;
  /** `23 MB/s`. */
  rate(bytesPerSec: number): string;
  /** `61%`, rounded down: 100 % is said only when it is true. */
  percent(share: number): string;
  /** `about 2 minutes`. */
  duration(seconds: number): string;
  /** `42 ms`. */
  milliseconds(ms: number): string;
  count(count: number): string;
  /** The right form of a counted phrase, with `{count}` and other places filled. */
  plural(count: number, forms: Plural, values?: Readonly<Record<string, string>>): string;
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** Numbers for `locale` (BCP 47), with the few words that numbers need from `words`. */
export function createFormat(locale: string, words: Words): Format {
  const rules = new Intl.PluralRules(locale);
  const plain = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const percent = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 });
  const unit = cachedUnits(locale);

  const scaled = (count: number, suffix: '' | '-per-second') => {
    let value = Math.max(0, count);
    let step = 0;
    // 999.5 and above would be written as 1,000 of the smaller unit.
    while (value >= 999.5 && step < BYTE_UNITS.length - 1) {
      value /= 1000;
      step += 1;
    }
    const name = BYTE_UNITS[step] ?? 'byte';
    const digits = step > 1 && value < 9.95 ? 1 : 0;
    return unit(`${name}${suffix}`, step === 0 ? 'long' : 'short', digits).format(value);
  };

  const about = (count: number, name: string) =>
    fill(words.aboutTime, { time: unit(name, 'long', 0).format(count) });

  return {
    bytes: (count) => scaled(count, ''),
    // Below a kilobyte a second the number says nothing; it is shown as 0 kB/s.
    rate: (bytesPerSec) =>
      bytesPerSec < 1000
        ? unit('kilobyte-per-second', 'short', 0).format(Math.floor(bytesPerSec / 1000))
        : scaled(bytesPerSec, '-per-second'),
    percent: (share) => percent.format(Math.floor(Math.min(1, Math.max(0, share)) * 100) / 100),
    duration: (seconds) => {
      if (seconds < 5) return words.fewSeconds;
      if (seconds < 57) return about(Math.ceil(seconds / 5) * 5, 'second');
      if (seconds < 3570) return about(Math.max(1, Math.round(seconds / 60)), 'minute');
      if (seconds < 48 * 3600) return about(Math.max(1, Math.round(seconds / 3600)), 'hour');
      return about(Math.round(seconds / 86_400), 'day');
    },
    milliseconds: (ms) => unit('millisecond', 'short', 0).format(ms),
    count: (count) => plain.format(count),
    plural: (count, forms, values) =>
      fill(forms[rules.select(count)] ?? forms.other, { count: plain.format(count), ...values }),
  };
}

/** Making a NumberFormat costs far more than using one, and the same few are used ten times a second. */
function cachedUnits(locale: string) {
  const made = new Map<string, Intl.NumberFormat>();
  return (unit: string, unitDisplay: 'short' | 'long', maximumFractionDigits: number) => {
    const key = `${unit} ${unitDisplay} ${maximumFractionDigits}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    const fresh = new Intl.NumberFormat(locale, {
      style: 'unit',
      unit,
      unitDisplay,
      maximumFractionDigits,
    });
    made.set(key, fresh);
    return fresh;
  };
}
