"""The words of the page on which a language is said. Rows are name, en, es, pt, de."""

from collections.abc import Mapping

from app.web.texts import LANGUAGES

_ROWS = (
    ("title", "Language", "Idioma", "Idioma", "Sprache"),
    ("language", "Language", "Idioma", "Idioma", "Sprache"),
    ("own", "My language", "Mi idioma", "Meu idioma", "Meine Sprache"),
    ("own_help", "In which you read pages and news, whatever the others do.",
     "En el que usted lee páginas y noticias, hagan lo que hagan los demás.",
     "No qual você lê páginas e notícias, façam os outros o que fizerem.",
     "In der Sie Seiten und Neuigkeiten lesen, was immer die anderen tun."),
    ("own_none", "This key is the organization's own: it reads in the organization's language.",
     "Esta clave es de la organización: lee en el idioma de la organización.",
     "Esta chave é da organização: lê no idioma da organização.",
     "Dieser Schlüssel gehört der Organisation: er liest in deren Sprache."),
    ("as_organization", "as the organization", "como la organización", "como a organização",
     "wie die Organisation"),
    ("organization", "Language of {name}", "Idioma de {name}", "Idioma de {name}",
     "Sprache von {name}"),
    ("organization_help", "In which its people are told things, where they say nothing else.",
     "En el que se informa a su gente, si no dice otra cosa.",
     "No qual a sua gente é informada, se não disser outra coisa.",
     "In der ihre Leute etwas erfahren, wenn sie nichts anderes sagen."),
    ("as_browser", "as the browser asks", "como pida el navegador", "como pedir o navegador",
     "wie der Browser fragt"),
    ("save", "Save", "Guardar", "Guardar", "Speichern"),
)  # fmt: skip

TEXTS: Mapping[str, Mapping[str, str]] = {
    language: {row[0]: row[1 + number] for row in _ROWS}
    for number, language in enumerate(LANGUAGES)
}
