"""How much wider intervals are than the article's: medians of printed widths by country, by hand."""

import pandas as pd

from disrupting_harm.publishing.site import methods, widths

WIDTHS = {"ken": (1, 2, 3, 4), "uga": (2, 2, 2, 2), "tza": (9, 9, 9)}
"""Of each country's figures, how many times the printed width; of Tanzania there are too few."""


def table(folder):
    pairs = [
        {"country": iso3, "published": 0.2, "published_low": 0.19, "published_high": 0.21, "ci_low": 0.2 - 0.01 * times,
         "ci_high": 0.2 + 0.01 * times, "published_way_low": 0.19, "source": "Ghai et al. 2026, Nature",
         "data": "synthetic"}
        for iso3, ratios in WIDTHS.items()
        for times in ratios
    ]  # fmt: skip
    other = {**pairs[0], "ci_low": 0.0, "ci_high": 1.0}
    pairs += [
        {**other, "country": "ALL"},
        {**other, "source": "a newspaper"},
        {**other, "published": 215962},
        {**other, "published_low": 0.2, "published_high": 0.2},
        {**other, "published_low": None, "published_high": None},
        {**other, "ci_low": None, "ci_high": None},
        {**other, "published_way_low": None},  # a Monte Carlo result
    ]
    file = folder / widths.TABLE
    file.parent.mkdir(parents=True)
    pd.DataFrame(pairs).to_csv(file, index=False)
    return folder


def test_medians_and_quartiles_by_hand(tmp_path):
    """Of 1, 2, 3, 4: median 2.5, quartiles 1.75 and 3.25."""
    rows = widths.by_country(table(tmp_path) / widths.TABLE).set_index("country")
    assert rows.index.tolist() == ["ken", "uga"]
    assert rows.loc["ken", ["ci_low", "estimate", "ci_high", "figures"]].tolist() == [1.75, 2.5, 3.25, 4]
    assert rows.loc["uga", ["ci_low", "estimate", "ci_high"]].tolist() == [2, 2, 2]


def test_the_page_has_the_figure_with_its_words(tmp_path, project):
    page = methods.markdown(project, table(tmp_path))
    assert "from 2.00 times (Uganda) to 2.50 times (Kenya) the printed width" in page
    assert "says nothing about the survey's own" in page
    assert "<desc" in page
    assert "brackets. Kenya 2.50 (1.75 to 3.25); Uganda 2.00 (2.00 to 2.00)." in page
    svg = page[page.index("<figure>") : page.index("</figure>")]
    assert "\n\n" not in svg
    assert ">SYNTHETIC DATA<" in svg


NOTHING = "No country of this run has figures whose interval the article prints."


def test_a_run_without_published_figures_says_so(tmp_path, project):
    """Neither where there is no table nor where it has headings alone, as for a country of which nothing is printed."""
    assert NOTHING in methods.markdown(project, tmp_path)
    file = table(tmp_path) / widths.TABLE
    pd.read_csv(file).iloc[:0].to_csv(file, index=False)
    assert NOTHING in methods.markdown(project, tmp_path)
