"""The jobs of a run: which files each makes and reads, and what settings and modules are behind them (`records.Job`).

They are the rules of workflow/rules/ once more, for what Snakemake does not see: whether a product that is there was
made from what it would be made from now.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from disrupting_harm.config import Project
from disrupting_harm.config.project import digest
from disrupting_harm.files.records import Job
from disrupting_harm.running.plan import ENTRIES, Plan, SyntheticFiles

COMPARISON = "comparison"
WORKBOOK = "results/estimates.xlsx"
TEXTS = ("SECURITY.md", "resources/pages/data-protection.md", "resources/pages/methods.md")
"""What pages of text are made from."""

SITE = (
    "results/index.html",
    "results/provenance.json",
    "results/ro-crate-metadata.json",
    "results/methods.html",
    "results/data_quality.html",
    "results/suppression_audit.html",
    "results/data_protection.html",
    "results/assets/site.js",
    "results/assets/search.js",
)


@dataclass(frozen=True)
class Jobs:
    """The jobs of a plan. Each is made once, and so are the digests behind it."""

    plan: Plan

    @classmethod
    def of(cls, project: Project, countries: list[str]) -> Jobs:
        """The jobs of a run of these countries."""
        return cls(Plan(project, countries))

    @cached_property
    def known(self) -> dict[tuple[str, ...], Job]:
        """Jobs already made."""
        return {}

    def job(self, kind: str, **wildcards: str) -> Job:
        """The job of a kind of product (as in `plan.ENTRIES`) for a rule's wildcards."""
        key = (kind, *(text for pair in sorted(wildcards.items()) for text in pair))
        if key not in self.known:
            self.known[key] = getattr(self, kind)(**wildcards)
        return self.known[key]

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.plan.project.root

    # Jobs of a country

    def synthetic(self, children: str) -> Job:
        """The synthetic survey whose file of children this is, or that of the countries which share it."""
        delivery, country = self.delivery_of(children)
        wildcards = {"country": country}
        files = tuple(file.format(country=country) for file in delivery.files.values())
        settings = delivery.settings(wildcards)
        resources = tuple(self.plan.resources)
        return Job(self.root, files, settings, ENTRIES["synthetic"], resources, may_be_edited=True)

    def delivery_of(self, children: str) -> tuple[SyntheticFiles, str]:
        """The synthetic delivery that a file of children belongs to, and one of the countries in the file."""
        for delivery in self.plan.synthetic:
            for country in delivery.members:
                if delivery.files["children"].format(country=country) == children:
                    return delivery, country
        raise LookupError(f"{children} is not made by the workflow.")

    def harmonise(self, country: str) -> Job:
        """The harmonised tables of a country."""
        return Job(
            self.root,
            self.harmonised(country),
            self.plan.harmonise_settings(country),
            ENTRIES["harmonise"],
            tuple(self.plan.delivered(country).values()),
        )

    def harmonised(self, country: str) -> tuple[str, ...]:
        """Names of the harmonised tables of a country."""
        return tuple(f"data/harmonised/{country}/{table}.parquet" for table in ("children", "caregivers"))

    def quality(self, country: str) -> Job:
        """The remarks on a country's data, as published and exact."""
        return Job(
            self.root,
            (f"results/{country}/data_quality.csv", f"data/quality/{country}.csv"),
            self.plan.quality_settings(country),
            ENTRIES["quality"],
            needs=self.answers(country),
        )

    def suppression(self, country: str) -> Job:
        """The decision about what may be shown of a country."""
        return Job(
            self.root,
            (f"data/harmonised/{country}/suppression.parquet", f"data/harmonised/{country}/alternatives.npz"),
            self.plan.suppression_settings(country),
            ENTRIES["suppression"],
            needs={**self.answers(country), **self.remarks(country)},
        )

    def insight(self, country: str, insight: str) -> Job:
        """An executed insight of a country, with its page and tables."""
        decision = {
            f"data/harmonised/{country}/suppression.parquet": self.job("suppression", country=country)
        }
        folder = f"results/{country}"
        return Job(
            self.root,
            (
                *(f"{folder}/{insight}.{kind}" for kind in ("ipynb", "html", "csv")),
                self.exact(country, insight),
            ),
            digest([self.plan.country_settings(country), self.plan.insight_settings(insight)]),
            (*ENTRIES["insight"], *ENTRIES["page"]),
            (f"notebooks/{insight}.ipynb",),
            {**self.answers(country), **decision, **self.remarks(country)},
        )

    def audit(self, country: str) -> Job:
        """The attack on what the tables of a country show."""
        proofs = {f"data/harmonised/{country}/alternatives.npz": self.job("suppression", country=country)}
        return Job(
            self.root,
            (f"results/{country}/suppression_audit.csv",),
            self.plan.suppression_settings(country),
            ENTRIES["audit"],
            needs={
                **self.answers(country),
                **proofs,
                **self.tables("csv", [country]),
                **self.remarks(country),
            },
        )

    # Jobs of all countries

    def comparison(self, insight: str) -> Job:
        """An executed comparison, with its page, table and folder of figures."""
        is_about_one = insight in self.plan.insights
        insights = [insight] if is_about_one else self.plan.insights
        needs: dict[str, Job] = {}
        for country in self.plan.countries:
            for name in insights:
                job = self.job("insight", country=country, insight=name)
                needs |= {self.exact(country, name): job, f"results/{country}/{name}.csv": job}
            if not is_about_one:
                decision = self.job("suppression", country=country)
                needs |= {**self.answers(country), **dict.fromkeys(decision.products, decision)}
        folder = f"results/{COMPARISON}"
        return Job(
            self.root,
            (
                *(f"{folder}/{insight}.{kind}" for kind in ("ipynb", "html", "csv")),
                f"{folder}/figures/{insight}",
            ),
            digest([self.plan.countries, self.plan.comparison_settings(insight)]),
            (*ENTRIES["comparison"], *ENTRIES["page"]),
            (f"notebooks/{COMPARISON}/{insight}.ipynb", *self.plan.resources),
            needs,
        )

    def workbook(self) -> Job:
        """All estimates in one file."""
        needs = {**self.tables("csv"), **self.comparisons("csv")}
        return Job(
            self.root, (WORKBOOK,), self.of_run, ENTRIES["workbook"], tuple(self.plan.configuration), needs
        )

    def site(self) -> Job:
        """The pages that lead to everything else. They name the microdata, so these have to be right."""
        countries = self.plan.countries
        audits = {
            f"results/{country}/suppression_audit.csv": self.job("audit", country=country)
            for country in countries
        }
        remarks = {file: job for country in countries for file, job in self.remarks(country).items()}
        needs = {**remarks, **audits, WORKBOOK: self.job("workbook")}
        for kind in ("html", "csv"):
            needs |= {**self.tables(kind), **self.comparisons(kind)}
        for insight in self.plan.comparisons:
            needs[f"results/{COMPARISON}/figures/{insight}"] = self.job("comparison", insight=insight)
        reads = (*self.plan.configuration, *TEXTS)
        after = tuple(self.job("harmonise", country=country) for country in countries)
        return Job(self.root, SITE, self.of_run, ENTRIES["site"], reads, needs, after)

    # Files that several jobs read

    def answers(self, country: str) -> dict[str, Job]:
        """The harmonised tables of a country."""
        return dict.fromkeys(self.harmonised(country), self.job("harmonise", country=country))

    def remarks(self, country: str) -> dict[str, Job]:
        """The published remarks on a country's data."""
        return {f"results/{country}/data_quality.csv": self.job("quality", country=country)}

    def exact(self, country: str, insight: str) -> str:
        """The estimates of an insight in full precision."""
        return f"data/estimates/{country}/{insight}.csv"

    def tables(self, kind: str, countries: list[str] | None = None) -> dict[str, Job]:
        """Published files of a kind of all insights, of some countries or all."""
        pairs = ((iso3, name) for iso3 in countries or self.plan.countries for name in self.plan.insights)
        return {
            f"results/{iso3}/{name}.{kind}": self.job("insight", country=iso3, insight=name)
            for iso3, name in pairs
        }

    def comparisons(self, kind: str) -> dict[str, Job]:
        """Files of a kind of all comparisons."""
        names: Iterator[str] = iter(self.plan.comparisons)
        return {f"results/{COMPARISON}/{name}.{kind}": self.job("comparison", insight=name) for name in names}

    @property
    def of_run(self) -> str:
        """Digest of the settings behind what is about all countries of the run."""
        return digest([self.plan.countries, self.plan.run_settings()])
