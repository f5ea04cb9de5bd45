interface FileNameProps {
  readonly name: string;
  /** Folders above it, outermost first. */
  readonly folders?: readonly string[];
}

/** A file's name. When there is no room its middle is cut: the true extension is always seen. */
export function FileName({ name, folders = [] }: FileNameProps) {
  const dot = name.lastIndexOf('.');
  const cut = dot > 0 && name.length - dot <= 12 ? dot : name.length;
  return (
    <bdi class="file-name" title={[...folders, name].join('/')}>
      {folders.length > 0 && <span class="file-folders">{folders.join('/')}/</span>}
      <span class="file-stem">{name.slice(0, cut)}</span>
      <span class="file-extension">{name.slice(cut)}</span>
    </bdi>
  );
}
