interface FileNameProps {
  readonly name: string;
  /** The whole path, for a pointer that rests on the name. */
  readonly title?: string;
}

/** A file's name. When there is no room its middle is cut: the true extension is always seen. */
export function FileName({ name, title = name }: FileNameProps) {
  const dot = name.lastIndexOf('.');
  const cut = dot > 0 && name.length - dot <= 12 ? dot : name.length;
  return (
    <bdi class="file-name" title={title}>
      <span class="file-stem">{name.slice(0, cut)}</span>
      <span class="file-extension">{name.slice(cut)}</span>
    </bdi>
  );
}
