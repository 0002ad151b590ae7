"""use_expat.py MODULE: a generated binding of Expat, with handlers."""

import ctypes
import importlib
import sys

expat = importlib.import_module(sys.argv[1])


def text(value):
    return bytes(value) if hasattr(value, "data") else value if isinstance(value, bytes) else ctypes.string_at(value)


seen = []
start = expat.XML_StartElementHandler(lambda data, name, attributes: seen.append(text(name)))
end = expat.XML_EndElementHandler(lambda data, name: seen.append(b"/" + text(name)))
letters = expat.XML_CharacterDataHandler(lambda data, part, length: seen.append(ctypes.string_at(part, length)))
version = expat.XML_ExpatVersionInfo()
print(version.major, version.minor, text(expat.XML_ExpatVersion())[:8])
parser = expat.XML_ParserCreate(None)
expat.XML_SetElementHandler(parser, start, end)
expat.XML_SetCharacterDataHandler(parser, letters)
expat.XML_SetUserData(parser, None)
document = b"<a x='1'>text<b/></a>"
print(expat.XML_Parse(parser, document, len(document), 1), seen)
print(expat.XML_GetCurrentLineNumber(parser), expat.XML_GetCurrentByteIndex(parser), expat.XML_GetSpecifiedAttributeCount(parser))
print(expat.XML_ParserReset(parser, None), expat.XML_Parse(parser, b"<a>", 3, 1), expat.XML_GetErrorCode(parser))
print(text(expat.XML_ErrorString(expat.XML_GetErrorCode(parser))))
features = expat.XML_GetFeatureList()
print(features[0].feature, text(features[0].name))
expat.XML_ParserFree(parser)
