import { useId } from 'preact/hooks';
import '../styles/switch.css';

interface SwitchProps {
  readonly isOn: boolean;
  readonly label: string;
  readonly hint: string;
  readonly onChange: (isOn: boolean) => void;
}

export function Switch({ isOn, label, hint, onChange }: SwitchProps) {
  const id = useId();
  return (
    <label class="switch" for={id}>
      <span class="switch-words">
        <span>{label}</span>
        <span class="muted">{hint}</span>
      </span>
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={isOn}
        checked={isOn}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    </label>
  );
}
