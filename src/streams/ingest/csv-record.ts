/** One record of a text in CSV (RFC 4180); written anew by every `read`. */
export class CsvScanner {
  /** Unquoted. */
  cells: string[] = [];
  /** '' where the record is whole. */
  fault = '';
  /** Where the record ends, its line end not included, and where the next one starts. */
  end = 0;
  next = 0;
  #text = '';
  /** The first quote at or after the place last read; −1: none. */
  #quoteAt = 0;

  /** The text that is read from now on. */
  set text(text: string) {
    this.#text = text;
    this.#quoteAt = text.indexOf('"');
  }

  /**
   * Reads the record at `at`; false where the text ends within it.
   * @param isLast no more text follows, so that it is taken as it is
   */
  read(at: number, isLast: boolean): boolean {
    const text = this.#text;
    this.fault = '';
    const found = text.indexOf('\n', at);
    if (found < 0 && !isLast) return false;
    const lineEnd = found < 0 ? text.length : found;
    if (this.#quoteAt >= 0 && this.#quoteAt < at) this.#quoteAt = text.indexOf('"', at);
    if (this.#quoteAt < 0 || this.#quoteAt >= lineEnd) {
      this.#close(lineEnd);
      this.cells = text.slice(at, this.end).split(',');
      return true;
    }
    return this.#readQuoted(at, isLast);
  }

  #close(lineEnd: number): void {
    this.end = this.#text.charCodeAt(lineEnd - 1) === 13 ? lineEnd - 1 : lineEnd;
    this.next = lineEnd + 1;
  }

  #readQuoted(start: number, isLast: boolean): boolean {
    const text = this.#text;
    this.cells = [];
    let at = start;
    for (;;) {
      if (text[at] !== '"') {
        const lineEnd = this.#lineEnd(at);
        const comma = text.indexOf(',', at);
        const isEnd = comma < 0 || comma > lineEnd;
        if (isEnd) this.#close(lineEnd);
        this.cells.push(text.slice(at, isEnd ? Math.max(at, this.end) : comma));
        if (isEnd) return true;
        at = comma + 1;
        continue;
      }
      const quote = this.#closingQuote(at + 1);
      if (quote < 0) {
        if (isLast) this.refuseLine(start, 'a quote is not closed');
        return isLast;
      }
      this.cells.push(text.slice(at + 1, quote).replaceAll('""', '"'));
      at = quote + 1;
      const isLineEnd = text[at] === '\n' || (text[at] === '\r' && text[at + 1] === '\n');
      if (at === text.length || isLineEnd || (text[at] === '\r' && at + 1 === text.length)) {
        this.#close(this.#lineEnd(at));
        return true;
      }
      if (text[at] !== ',') {
        this.fault = 'expected a comma or the end of the line after a closing quote';
        this.#close(this.#lineEnd(at));
        return true;
      }
      at++;
    }
  }

  /** Takes only the first line of what should be a record, so that the next ones are not lost. */
  refuseLine(start: number, fault: string): void {
    this.fault = fault;
    this.#close(this.#lineEnd(start));
  }

  #lineEnd(at: number): number {
    const found = this.#text.indexOf('\n', at);
    return found < 0 ? this.#text.length : found;
  }

  /** The quote that ends a cell; doubled ones are part of it. −1: the text ends before. */
  #closingQuote(from: number): number {
    const text = this.#text;
    let quote = text.indexOf('"', from);
    while (quote >= 0 && text.charCodeAt(quote + 1) === 34) quote = text.indexOf('"', quote + 2);
    return quote;
  }
}
