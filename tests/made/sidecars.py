"""XMP sidecars as other programs write them, made by hand after their published schemas."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
LISTS = {
    "dc:subject": "{http://purl.org/dc/elements/1.1/}subject",
    "lr:hierarchicalSubject": "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject",
    "digiKam:TagsList": "{http://www.digikam.org/ns/1.0/}TagsList",
}

DARKTABLE = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:exif="http://ns.adobe.com/exif/1.0/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:darktable="http://darktable.sf.net/"
   exif:DateTimeOriginal="2024:05:01 10:11:12.000"
   xmp:Rating="3"
   xmpMM:DerivedFrom="photo.jpg"
   darktable:import_timestamp="63850000000000000"
   darktable:change_timestamp="-1"
   darktable:xmp_version="5"
   darktable:raw_params="0"
   darktable:auto_presets_applied="1"
   darktable:history_end="1"
   darktable:history_current_hash="0123456789abcdef0123456789abcdef">
   <darktable:masks_history>
    <rdf:Seq/>
   </darktable:masks_history>
   <darktable:history>
    <rdf:Seq>
     <rdf:li
      darktable:num="0"
      darktable:operation="exposure"
      darktable:enabled="1"
      darktable:modversion="6"
      darktable:params="gz02eJxjYGBgYAFiCQYYOOHEgAYY0QUAgAgBhg=="
      darktable:multi_name=""
      darktable:multi_priority="0"
      darktable:blendop_version="13"/>
    </rdf:Seq>
   </darktable:history>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>Paris</rdf:li>
     <rdf:li>holiday</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>places|France|Paris</rdf:li>
     <rdf:li>holiday</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

LIGHTROOM = """<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="Adobe XMP Core 7.0-c000 1.000000, 0000/00/00">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:crs="http://ns.adobe.com/camera-raw-settings/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
   xmp:Rating="4"
   xmp:Label="Red"
   xmp:MetadataDate="2024-05-01T10:11:12+02:00"
   photoshop:SidecarForExtension="NEF"
   crs:Version="15.0"
   crs:Exposure2012="+0.35"
   crs:HasSettings="True"
   crs:RawFileName="photo.NEF">
   <crs:ToneCurvePV2012>
    <rdf:Seq>
     <rdf:li>0, 0</rdf:li>
     <rdf:li>255, 255</rdf:li>
    </rdf:Seq>
   </crs:ToneCurvePV2012>
   <crs:Look>
    <rdf:Description
     crs:Name="Adobe Color"
     crs:Amount="1">
    <crs:Parameters>
     <rdf:Description
      crs:Version="15.0"/>
    </crs:Parameters>
    </rdf:Description>
   </crs:Look>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>France</rdf:li>
     <rdf:li>Paris</rdf:li>
     <rdf:li>places</rdf:li>
    </rdf:Bag>
   </dc:subject>
   <lr:hierarchicalSubject>
    <rdf:Bag>
     <rdf:li>places|France|Paris</rdf:li>
    </rdf:Bag>
   </lr:hierarchicalSubject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""

DIGIKAM = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core 4.4.0-Exiv2">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:digiKam="http://www.digikam.org/ns/1.0/"
    xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/"
    xmlns:lr="http://ns.adobe.com/lightroom/1.0/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:acdsee="http://ns.acdsee.com/iptc/1.0/"
   digiKam:PickLabel="0"
   digiKam:ColorLabel="3"
   acdsee:categories="&lt;Categories&gt;&lt;Category Assigned=&quot;1&quot;&gt;cat&lt;/Category&gt;&lt;/Categories&gt;">
   <digiKam:TagsList>
    <rdf:Seq>
     <rdf:li>animal/cat</rdf:li>
     <rdf:li>Friends &amp; family</rdf:li>
    </rdf:Seq>
   </digiKam:TagsList>
   <MicrosoftPhoto:LastKeywordXMP>
    <rdf:Bag>
     <rdf:li>animal/cat</rdf:li>
     <rdf:li>seaside</rdf:li>
    </rdf:Bag>
   </MicrosoftPhoto:LastKeywordXMP>
   <dc:subject>
    <rdf:Bag>
     <rdf:li>cat</rdf:li>
     <rdf:li>Friends &amp; family</rdf:li>
    </rdf:Bag>
   </dc:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""

PLAIN = """<?xpacket begin='' id='W5M0MpCehiHzreSzNTczkc9d'?><!-- a comment > with "signs' --><?app a > b?>
<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>\
<rdf:Description rdf:about='uuid:1&amp;2' xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmp:Rating='2' xmp:Label='&gt;'/>\
<rdf:Description rdf:about='uuid:1&amp;2' xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:subject><rdf:Seq>\
<rdf:li>one</rdf:li><rdf:li><![CDATA[two & <three>]]></rdf:li></rdf:Seq></dc:subject></rdf:Description>\
</rdf:RDF></x:xmpmeta>

      <?xpacket end='w'?>"""

PROGRAMS = {"darktable": DARKTABLE, "lightroom": LIGHTROOM, "digikam": DIGIKAM, "plain": PLAIN}


def lists(packet: bytes) -> dict[str, list[str]]:
    """The three lists of keywords of a packet, read by another parser than the program's."""
    root = ET.fromstring(_text(packet))
    return {
        name: [item.text or "" for element in root.iter(tag) for item in element.iter(f"{RDF}li")]
        for name, tag in LISTS.items()
    }


def all_else(packet: bytes) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Every element of a packet but our own and the three lists: name, text and attributes."""
    root = ET.fromstring(_text(packet))
    left = []

    def walk(element: ET.Element) -> None:
        if element.tag in LISTS.values() or "clustertags" in element.tag:
            return
        left.append((element.tag, (element.text or "").strip(), tuple(sorted(element.attrib.items()))))
        for child in element:
            walk(child)

    walk(root)
    return [entry for entry in left if entry[0] != f"{RDF}Description" or len(entry[2]) > 1]


def _text(packet: bytes) -> str | bytes:
    wide = packet.startswith((b"\xff\xfe", b"\xfe\xff"))
    return packet.decode("utf-16").rstrip("\0 \n") if wide else packet.rstrip(b"\0 \n")


def in_encoding(text: str, encoding: str, *, newline: str = "\n") -> bytes:
    """A document in another encoding, which its declaration names."""
    named = "UTF-16" if encoding.startswith("utf-16") else encoding
    declared = re.sub(r'encoding="UTF-8"', f'encoding="{named}"', text)
    return declared.replace("\n", newline).encode(encoding)
