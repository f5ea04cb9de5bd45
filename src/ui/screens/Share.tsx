import { useRef } from 'preact/hooks';
import type { SharedItemView, ShareView } from '../../session/view.ts';
import { openShareSheet } from '../models/shareSheet.ts';
import { useUi } from '../models/ui.ts';
import { CopyButton } from '../parts/CopyButton.tsx';
import { FaultAlert } from '../parts/FaultAlert.tsx';
import { FileName } from '../parts/FileName.tsx';
import { Icon } from '../parts/Icon.tsx';
import { QrCode } from '../parts/QrCode.tsx';
import { Switch } from '../parts/Switch.tsx';

/** The open share: the code, the link, the picture, and what everyone who joins is offered. */
export function Share({ share }: { readonly share: ShareView }) {
  const ui = useUi();
  const { words } = ui.language.value;
  const isReceiving = share.items.length === 0;
  return (
    <section class="share card" data-share-phase={share.phase}>
      <header class="share-head">
        <h1>{isReceiving ? words.shareTitleReceive : words.shareTitle}</h1>
        <p class="muted">{isReceiving ? words.shareLeadReceive : words.shareLead}</p>
      </header>
      {share.fault !== undefined && (
        <FaultAlert
          fault={share.fault}
          place="share"
          isCalm={share.phase === 'retrying' || share.fault.code === 'not-verified'}
        />
      )}
      <Code share={share} />
      {share.link !== undefined && <Link link={share.link} />}
      {share.items.length > 0 && <Items items={share.items} />}
      <Switch
        isOn={share.isOnePersonOnly}
        label={words.onePersonOnly}
        hint={words.onePersonOnlyHint}
        onChange={(isOn) => ui.actions.setOnePersonOnly(isOn)}
      />
      <div class="actions">
        <button type="button" class="button button-quiet" onClick={() => ui.actions.stopShare()}>
          {words.stopSharing}
        </button>
      </div>
    </section>
  );
}

function Code({ share }: { readonly share: ShareView }) {
  const { words } = useUi().language.value;
  const shown = useRef<HTMLParagraphElement>(null);
  const { code } = share;

  if (code === undefined) {
    return (
      <p class="code code-none" role="status">
        {share.phase === 'open' ? words.shareNoCode : words.shareOpening}
      </p>
    );
  }
  return (
    <div class="code-box">
      <h2 class="eyebrow">{words.yourCode}</h2>
      <p ref={shown} class="code" data-testid="share-code" dir="ltr" lang="en" translate={false}>
        {code.split('-').map((word, index, all) => (
          <span class="code-word" key={`${index} ${word}`}>
            {word}
            {index < all.length - 1 && <span class="code-dash">-</span>}
          </span>
        ))}
      </p>
      <CopyButton text={code} label={words.copyCode} shownBy={() => shown.current} isMain />
    </div>
  );
}

function Link({ link }: { readonly link: string }) {
  const { words } = useUi().language.value;
  const shown = useRef<HTMLAnchorElement>(null);
  return (
    <div class="share-link">
      <figure>
        <QrCode text={link} />
        <figcaption class="muted">{words.qrHint}</figcaption>
      </figure>
      <div class="share-link-words">
        <a
          ref={shown}
          href={link}
          data-testid="share-link"
          title={words.linkLabel}
          dir="ltr"
          // Following it here would leave the page that answers to it.
          onClick={(event) => event.preventDefault()}
        >
          {link.replace(/^https?:\/\//, '')}
        </a>
        <div class="actions">
          <CopyButton text={link} label={words.copyLink} shownBy={() => shown.current} />
          {typeof navigator.share === 'function' && (
            <button type="button" class="button" onClick={() => openShareSheet({ url: link })}>
              <Icon name="share" />
              {words.shareSheet}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

function Items({ items }: { readonly items: readonly SharedItemView[] }) {
  const { words, format } = useUi().language.value;
  return (
    <div class="share-items">
      <h2>{words.offered}</h2>
      <ul class="files">
        {items.map((item, index) => (
          // Items are only ever appended.
          <li class="file" key={index}>
            <Icon name={item.kind === 'text' ? 'text' : 'file'} />
            {item.kind === 'text' ? (
              <bdi class="file-name">
                <span class="file-stem">{item.title}</span>
              </bdi>
            ) : (
              <FileName name={item.title} />
            )}
            <span class="file-size">
              {item.fileCount > 1 && `${format.plural(item.fileCount, words.fileCount)}, `}
              {format.bytes(item.totalBytes)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
