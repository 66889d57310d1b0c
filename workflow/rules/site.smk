"""Site: the workbook, the front page and the record of what everything was made from.

Needs     the tables of estimates, for the workbook; for the site every page and table of the run, and the workbook
Leaves    results/estimates.xlsx; results/index.html, methods.html, data_quality.html and data_protection.html with
          their assets, provenance.json, and all of it as an RO-Crate
"""

KINDS = ["ipynb", "html", "csv"]
# Requested along with the site, as one of them may be deleted: Snakemake makes nothing for a site that is up to date.
PRODUCTS = [
    collect("results/{country}/{insight}.{kind}", country=COUNTRIES, insight=INSIGHTS, kind=KINDS),
    collect("results/comparison/{insight}.{kind}", insight=COMPARISONS, kind=KINDS),
    collect("results/comparison/figures/{insight}", insight=COMPARISONS),
    collect("results/{country}/data_quality.csv", country=COUNTRIES),
    collect("results/{country}/suppression_audit.csv", country=COUNTRIES),
    WORKBOOK,
]


rule workbook:
    """Write all estimates in one file. The executed notebooks, whose cells it names, are next to the tables."""
    input:
        again_if_stale("workbook"),
        tables=collect("results/{country}/{insight}.csv", country=COUNTRIES, insight=INSIGHTS),
        comparison_tables=collect("results/comparison/{insight}.csv", insight=COMPARISONS),
        configuration=PLAN.configuration,
    output:
        workbook=WORKBOOK,
    log:
        "logs/workbook.log",
    conda:
        "../../environment.yml"
    params:
        countries=COUNTRIES,
    message:
        "workbook: {output.workbook}"
    shell:
        "python -m disrupting_harm workbook {params.countries} --results results"
        " --workbook {output.workbook} 2> {log}"


rule site:
    """Write the pages that lead to everything else."""
    input:
        again_if_stale("site"),
        pages=collect("results/{country}/{insight}.html", country=COUNTRIES, insight=INSIGHTS),
        tables=collect("results/{country}/{insight}.csv", country=COUNTRIES, insight=INSIGHTS),
        comparisons=collect("results/comparison/{insight}.html", insight=COMPARISONS),
        comparison_tables=collect("results/comparison/{insight}.csv", insight=COMPARISONS),
        quality=collect("results/{country}/data_quality.csv", country=COUNTRIES),
        audits=collect("results/{country}/suppression_audit.csv", country=COUNTRIES),
        workbook=WORKBOOK,
        configuration=PLAN.configuration,
        texts=TEXTS,
    output:
        SITE,
    log:
        "logs/site.log",
    conda:
        "../../environment.yml"
    params:
        countries=COUNTRIES,
    message:
        "site: results/index.html"
    shell:
        "python -m disrupting_harm site {params.countries} --results results 2> {log}"
