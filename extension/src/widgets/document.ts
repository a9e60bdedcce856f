/**
 * Scans as documents: links, layout restore and "Open With" then work.
 *
 * The model is empty and its factory has no file format, so the contents service
 * is asked only whether the file exists: a scan of any size is never sent whole.
 */

import {
  ABCWidgetFactory,
  DocumentModel,
  DocumentRegistry,
  DocumentWidget
} from '@jupyterlab/docregistry';
import { Contents } from '@jupyterlab/services';
import { scanIcon } from './icons';
import { told } from './links';
import { ScanView } from './scan';

export const MODEL = 'daisy-scan';
export const FACTORY = 'DAISY';

class EmptyModel extends DocumentModel {
  get readOnly(): boolean {
    return true;
  }

  set readOnly(_: boolean) {
    // stays so
  }

  get dirty(): boolean {
    return false;
  }

  set dirty(_: boolean) {
    // nothing can be changed
  }

  fromString(): void {
    // nothing is held
  }
}

export class EmptyModelFactory implements DocumentRegistry.IModelFactory<DocumentRegistry.ICodeModel> {
  readonly name = MODEL;
  readonly contentType: Contents.ContentType = 'file';
  readonly fileFormat: Contents.FileFormat = null;
  readonly collaborative = false;
  isDisposed = false;

  createNew(): DocumentRegistry.ICodeModel {
    return new EmptyModel({ collaborationEnabled: false });
  }

  preferredLanguage(): string {
    return '';
  }

  dispose(): void {
    this.isDisposed = true;
  }
}

export class ScanDocument extends DocumentWidget<ScanView> {
  /** Show what the part of a link after # says. */
  setFragment(fragment: string): void {
    void this.content.model.show(told(fragment));
  }
}

export class ScanFactory extends ABCWidgetFactory<ScanDocument> {
  constructor(
    options: DocumentRegistry.IWidgetFactoryOptions<ScanDocument>,
    private readonly make: (path: string) => ScanView
  ) {
    super(options);
  }

  protected createNewWidget(context: DocumentRegistry.Context): ScanDocument {
    const content = this.make(context.path);
    const document = new ScanDocument({ content, context });
    document.toolbar.hide();
    document.title.icon = scanIcon;
    return document;
  }
}
