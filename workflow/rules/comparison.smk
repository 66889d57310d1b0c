"""Comparison: one notebook for each insight across the countries of the run, and published against computed.

Needs     data/estimates/{country}/{insight}.csv of every country, and notebooks/comparison/{insight}.ipynb; names
          the published versions of these tables, results/{country}/{insight}.csv
Leaves     results/comparison/{insight}.ipynb, .html and .csv, and figures in results/comparison/figures/{insight}/
"""


rule comparison:
    """Run one comparison notebook and render its page."""
    input:
        again_if_stale("comparison"),
        notebook="notebooks/comparison/{insight}.ipynb",
        estimates=estimates_of("data/estimates"),
        tables=estimates_of("results"),
        children=comparison_children,
        resources=PLAN.resources,
    output:
        notebook="results/comparison/{insight}.ipynb",
        page="results/comparison/{insight}.html",
        table="results/comparison/{insight}.csv",
        figures=directory("results/comparison/figures/{insight}"),
    log:
        "logs/comparison/{insight}.log",
    conda:
        "../../environment.yml"
    params:
        countries=COUNTRIES,
    message:
        "comparison: {wildcards.insight}"
    shell:
        "python -m disrupting_harm comparison {wildcards.insight} {params.countries}"
        " --notebook {input.notebook} --tables data/estimates --figures {output.figures}"
        " --executed {output.notebook} --page {output.page} --table {output.table} 2> {log}"
