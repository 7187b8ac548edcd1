"""Keywords as programs write them."""

from __future__ import annotations

SUBJECT = "<dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>"
HIERARCHY = "<lr:hierarchicalSubject><rdf:Bag>{}</rdf:Bag></lr:hierarchicalSubject>"
DIGIKAM = "<digiKam:TagsList><rdf:Seq>{}</rdf:Seq></digiKam:TagsList>"
MICROSOFT = "<MicrosoftPhoto:LastKeywordXMP><rdf:Bag>{}</rdf:Bag></MicrosoftPhoto:LastKeywordXMP>"


def xmp(*keywords: str, form: str = SUBJECT, doctype: str = "") -> bytes:
    """An XMP packet of keywords, as it stands in photos and in sidecars."""
    items = "".join(f"<rdf:li>{keyword}</rdf:li>" for keyword in keywords)
    return (
        f'<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>{doctype}<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/" '
        'xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/" '
        f'xmlns:digiKam="http://www.digikam.org/ns/1.0/">{form.format(items)}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta>   <?xpacket end="w"?>\0'
    ).encode()
