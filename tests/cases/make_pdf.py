#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a published form as a small PDF: make_pdf.py FORM.txt > FORM.pdf

Each line of the text is drawn on a line of its own, in the order in which a
word processor draws the cells of a table. The font is not embedded; a
ToUnicode map says which character each code is, which is all that pdftotext
looks at.
"""
import pathlib
import sys


def cmap(characters):
    pairs = "".join(f"<{code:04X}> <{ord(c):04X}>\n"
                    for code, c in enumerate(characters, 1))
    return ("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n"
            "/CMapName /X def /CMapType 2 def\n"
            "1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            f"{len(characters)} beginbfchar\n{pairs}endbfchar\n"
            "endcmap end end\n")


def page(lines, codes):
    text = "BT /F 9 Tf 10 TL 40 1560 Td\n"
    for line in lines:
        text += "<" + "".join(f"{codes[c]:04X}" for c in line) + "> Tj T*\n"
    return text + "ET\n"


def stream(content):
    return f"<< /Length {len(content)} >>\nstream\n{content}endstream"


def objects(lines):
    characters = sorted({c for line in lines for c in line})
    codes = {c: i for i, c in enumerate(characters, 1)}
    return [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 1600] /Contents 4 0 R"
        " /Resources << /Font << /F 5 0 R >> >> >>",
        stream(page(lines, codes)),
        "<< /Type /Font /Subtype /Type0 /BaseFont /Form /Encoding /Identity-H"
        " /DescendantFonts [6 0 R] /ToUnicode 8 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Form /DW 1000"
        " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity)"
        " /Supplement 0 >> /FontDescriptor 7 0 R >>",
        "<< /Type /FontDescriptor /FontName /Form /Flags 4 /ItalicAngle 0"
        " /FontBBox [0 -200 1000 800] /Ascent 800 /Descent -200"
        " /CapHeight 700 /StemV 80 >>",
        stream(cmap(characters)),
    ]


def pdf(lines):
    out, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects(lines), 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    return (out + f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n{table}"
            f"trailer << /Size {len(offsets) + 1} /Root 1 0 R >>\n"
            f"startxref\n{len(out)}\n%%EOF\n")


if __name__ == "__main__":
    text = pathlib.Path(sys.argv[1]).read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip()]
    sys.stdout.write(pdf(lines))
