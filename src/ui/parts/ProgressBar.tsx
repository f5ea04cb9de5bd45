interface ProgressBarProps {
  /** 0 to 1. */
  readonly share: number;
  readonly label: string;
  /** What the share is, in words. */
  readonly text: string;
}

export function ProgressBar({ share, label, text }: ProgressBarProps) {
  return (
    <div
      class="progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.floor(share * 100)}
      aria-valuetext={text}
    >
      <span class="progress-fill" style={{ transform: `scaleX(${share})` }} />
    </div>
  );
}
