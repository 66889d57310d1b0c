"""A hand-made executed notebook and a small results folder, for tests of pages; nothing here comes from a survey."""

from dataclasses import replace

import nbformat as nbf
import pandas as pd

from disrupting_harm.estimation import tidy_table
from disrupting_harm.presentation import figures
from disrupting_harm.protection.audit import report
from disrupting_harm.publishing import site, tracing, workbook
from disrupting_harm.publishing.pages import PageContext, render
from disrupting_harm.quality import remarks
from disrupting_harm.quality.remarks import Remark

PATH_OF_FOOT = {"Commit": "0123456789ab", "Inputs": {"children.parquet": "5f2c"}, "Notes": ["one", "two"]}


def drawing():
    """A figure with one row that is not shown."""
    rows = pd.DataFrame(
        {
            "label": ["Girls", "Boys", "Another"],
            "estimate": [0.2, 0.1, None],
            "ci_low": [0.15, 0.07, None],
            "ci_high": [0.26, 0.14, None],
            "status": ["shown", "shown", "suppressed"],
        }
    )
    return figures.intervals(rows, "How many told no one?", "Children, 2021", synthetic=True)


def executed(keys=None):
    """A notebook as it is after running. keys: which rows its one finding is about."""
    bundle, metadata = drawing()._repr_mimebundle_()
    metadata = metadata | ({"keys": keys} if keys else {})
    table = pd.DataFrame(
        {"Level": ["Girls", "Boys"], "Estimate": ["20.0%", "(10.0%)"], "Base (n)": ["1,015", "90"]}
    )
    wide = pd.DataFrame([[0.123456] * 30], columns=[f"column_{i}" for i in range(30)])
    new = nbf.v4
    cells = [
        new.new_markdown_cell("# Do children tell anyone?\n\nAmong children subjected to at least one form."),
        new.new_code_cell('country = "xaa"', metadata={"tags": ["parameters"]}),
        new.new_markdown_cell(
            "## How many told no one?\n\nA share is $\\hat{p} = a / b$ and costs no money.\n\n$$ x < y $$"
        ),
        new.new_code_cell(
            'insight.estimate("told_no_one")  # a comment',
            outputs=[
                new.new_output("display_data", {"image/svg+xml": bundle["image/svg+xml"]}, metadata=metadata),
                new.new_output("execute_result", {"text/html": table.to_html(), "text/plain": "table"}),
                new.new_output("display_data", {"text/html": wide.to_html(), "text/plain": "table"}),
                new.new_output("display_data", {"text/markdown": "Of 100 children, **20** told no one."}),
                new.new_output("stream", name="stderr", text="a message <1>"),
            ],
        ),
        new.new_markdown_cell("## How many told no one?\n\n### By sex & age\n\nAccents: Côte d'Ivoire."),
    ]
    for i, cell in enumerate(cells):
        cell["id"] = f"cell-{i}"
    return new.new_notebook(cells=cells)


def context(**more):
    """What stands around the hand-made notebook."""
    given = {
        "title": "Do children tell anyone?",
        "subtitle": "Children aged 12-17",
        "country_name": "Exampleland",
        "iso3": "xaa",
        "insight": "disclosure",
        "foot": PATH_OF_FOOT,
    }
    return PageContext(**(given | more))


def page(folder, **more):
    """Render the hand-made notebook; gives the page's path."""
    notebook = folder / "notebook.ipynb"
    nbf.write(executed(), notebook)
    target = folder / "xaa" / "disclosure.html"
    render(notebook, target, context(**more))
    return target


def tidy(country, insight, indicator, status="shown", estimate=0.217):
    """A tidy table of two rows."""
    row = dict.fromkeys(tidy_table.COLUMNS, None)
    row |= {"country": country, "insight": insight, "indicator": indicator, "by": "all", "level": "all"}
    row |= {
        "measure": "proportion",
        "status": status,
        "interval": "logit",
        "confidence_level": 0.95,
        "data": "synthetic",
    }
    if status in ("shown", "low_n"):
        row |= {
            "estimate": estimate,
            "se": 0.01,
            "ci_low": 0.2,
            "ci_high": 0.24,
            "n": 1015,
            "rounded_to": 0.001,
        }
    rows = pd.DataFrame([row, row | {"by": "sex", "level": "girl"}], columns=tidy_table.COLUMNS)
    return rows.astype(dict.fromkeys(tidy_table.NUMBERS, float))


def data_quality(iso3):
    """Remarks on the data of one country, typed here."""
    children = {"table": "children"}
    about = {**children, "variable": "anxiety"}
    remarks_made = [
        Remark(check="rows_delivered", level="ok", message="About 1,120 rows were delivered.", value=1120,
               **children),
        Remark(check="eligible", level="ok", message="Fewer than 5 eligible rows have no weight.", **children),
        Remark(check="analysed", level="ok", message="1,014 are analysed.", value=1014, **children),
        Remark(check="weight_effect", level="ok", message="Factor 1.31.", value=1.31, **children),
        Remark(check="strata", level="ok", message="3 strata.", value=3, **children),
        Remark(check="psus", level="ok", message="101 primary sampling units.", value=101, **children),
        Remark(check="item_nonresponse", level="warning", message="Anxiety: no answer from 25.1% of 1,015.",
               hint="Read with care.", base=1015, share=0.251, value=255, **about),
        Remark(check="dont_know", level="ok", message="Anxiety: not shown.", base=1015, **about),
        Remark(check="refused", level="ok", message="Anxiety: fewer than 5 of 1,015.", base=1015, **about),
        Remark(check="empty", level="ok", message="Anxiety: all, or all but fewer than 5, of 1,015.", base=1015,
               **about),
        Remark(check="module_nonresponse", level="ok", message="Wellbeing: 25%.", share=0.25,
               variable="wellbeing", **children),
        Remark("caregivers", "rows_delivered", "note", "No file of caregivers was delivered."),
    ]  # fmt: skip
    return remarks.tidy(remarks_made, iso3, "synthetic")


def audited(iso3):
    """A hand-made audit: numbers of estimates and of hidden counts."""
    numbers = {
        "estimates": 1050,
        "shown": 1000,
        "hidden_alone": 40,
        "hidden_for_others": 10,
        "looked_at": 30,
        "open": 30,
    }
    return pd.DataFrame([{"country": iso3, **numbers, "data": "synthetic"}])[report.COLUMNS]


def results(project, folder, countries):
    """Fill a results folder with pages and tables of these countries and build the site; gives the folder."""
    notebook = folder / "notebook.ipynb"
    for slug, insight in project.insights.items():
        nbf.write(executed({"indicator": insight.headline, "by": ["all"]}), notebook)
        pages = {project.countries[iso3].name: f"../{iso3}/{slug}.html" for iso3 in countries}
        trace = tracing.of_page(project, f"notebooks/{slug}.ipynb", f"{slug}.csv")
        compared = PageContext(insight.title, insight=slug, trace=replace(trace, elsewhere=pages))
        tidy_table.write(
            tidy("mean_of_countries", slug, insight.headline[0]), folder / "comparison" / f"{slug}.csv"
        )
        render(notebook, folder / "comparison" / f"{slug}.html", compared)
        for i, iso3 in enumerate(countries):
            about = PageContext(insight.title, "", project.countries[iso3].name, iso3, slug, trace=trace)
            render(notebook, folder / iso3 / f"{slug}.html", about)
            status = ("shown", "suppressed")[i % 2]
            tidy_table.write(tidy(iso3, slug, insight.headline[0], status), folder / iso3 / f"{slug}.csv")
    for iso3 in countries:
        remarks.write(data_quality(iso3), folder / iso3 / "data_quality.csv")
        report.write(audited(iso3), folder / iso3 / "suppression_audit.csv")
    for name in ("published", "translation_radar"):
        render(notebook, folder / "comparison" / f"{name}.html", PageContext(""))
    notebook.unlink()
    lead(project, folder, list(countries))
    return folder


def lead(project, folder, countries, commit="0123456789ab"):
    """Write what leads to the pages and tables in a results folder, as the workflow's last two rules do."""
    workbook.build(project, folder, countries, folder / "estimates.xlsx", commit)
    site.build(project, folder, countries, commit)
