"""Hypernyms of the ImageNet hierarchy that are unsuitable as names of clusters: too broad, or a specialist's word."""

from __future__ import annotations

_TOO_BROAD = """
abstraction; adornment; agent; area; armor plate; article; artifact; attire; attribute; bar; barrier; causal agent;
cloth covering; commodity; communication; consumer goods; container; control; conveyance; course; covering; craft;
creation; decoration; device; drug; drug of abuse; durables; entity; equipment; establishment; fastener; fluid;
foodstuff; framework; home appliance; housing; implement; ingredient; instrument; instrumentality; liquid; living
thing; location; machine; material; matter; measure; mechanical device; mechanism; medium; mercantile establishment;
movable barrier; natural elevation; natural object; nutriment; object; obstruction; organism; padding; part;
peripheral; person; physical entity; piece; piece of cloth; place of business; point; produce; product; protective
covering; relation; reservoir; restraint; rod; round shape; shape; sheet; signal; solid; starches; stick; structure;
substance; support; supporting structure; surface; system; vessel; ware; white goods; whole; work
"""

_SPECIALIST = """
New World monkey; Old World monkey; acarine; agamid; agaric; ambystomid; anapsid; angiosperm; anseriform bird;
anthozoan; anthropoid ape; apodiform bird; apparel; aquatic vertebrate; arachnid; archosaur; arthropod; basidiomycete;
beating-reed instrument; bony fish; bovid; canine; cartilaginous fish; cellular telephone; cephalopod; ceratopsian;
chelonian; chordate; coelenterate; colubrid snake; coraciiform bird; corvine bird; crocodilian reptile; cruciferous
vegetable; cuculiform bird; cutter; cyprinid; cypriniform fish; danaid; decapod crustacean; diapsid; dictyopterous
insect; digital computer; dipterous insect; domestic animal; double-reed instrument; echinoderm; edentate; edge tool;
edible fruit; elapid; elasmobranch; electrical device; electro-acoustic transducer; electronic device; electronic
equipment; equine; even-toed ungulate; feline; flavorer; free-reed instrument; furnishing; gallinaceous bird; game;
game equipment; ganoid; garment; gastropod; geological formation; heavier-than-air craft; homopterous insect;
hymenopterous insect; iguanid; instrument of execution; invertebrate; lagomorph; lamellicorn beetle; lepidopterous
insect; leporid; lighter-than-air craft; lycaenid; malacostracan crustacean; measuring instrument; memory device;
metatherian; mollusk; monotreme; musteline mammal; neuropteron; nymphalid; odd-toed ungulate; odonate; ornithischian;
orthopterous insect; oscine; overgarment; pachyderm; passerine; pelecaniform seabird; percoid fish; phasianid;
phasmid; photographic equipment; piciform bird; pierid; pit viper; placental; plant organ; plant part; press; print
media; proboscidean; procyonid; prototherian; radiotelephone; ratite; ray; reproductive structure; ruminant; salmonid;
saurian; scarabaeid beetle; seabird; self-propelled vehicle; shelter; single-reed instrument; soft-finned fish;
solanaceous vegetable; source of illumination; spermatophyte; sphenisciform seabird; spiny-finned fish; sporting dog;
teleost fish; toiletry; transducer; ungulate; vascular plant; vertebrate; viper; viverrine; watchdog; wheeled vehicle;
working dog
"""

JARGON = frozenset(" ".join(words.split()) for words in (_TOO_BROAD + ";" + _SPECIALIST).split(";"))
"""Lemmas; a class of ImageNet itself is never jargon."""
